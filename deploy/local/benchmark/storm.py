"""Thousands of sockets cut at once: how long until all are back, and what was ordered meanwhile is printed."""

import json
import signal
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from supervision.layout import Layout, StackError

from . import fleet, metrics
from .loads import Bench
from .table import Row, rate

DEVICES = 5000
COMMANDS = 500
"""Ordered while the devices are away, of as many of them."""
LONGEST = 20.0
PATIENCE = 60.0
"""Seconds."""
SESSIONS, CONNECTED = "ebon_virtual_device_sessions_total", "ebon_virtual_devices_connected"


def storm(layout: Layout, scaled: Callable[..., None], build: Path, demo: dict[str, str]) -> list[Row]:
    """`scaled` brings the stack to these numbers of replicas."""
    scaled("edge-router=2")
    fleet.register(layout, "dev_storm_", DEVICES)
    # The first edge goes; orders, and devices that find it gone, come through the second.
    edge = f"http://127.0.0.1:{_announced(layout, 'edge-router-2')['port']}"
    rows: list[Row] = []
    with fleet.connected(
        build, layout.directory / "storm-devices", demo, "dev_storm_", DEVICES, VIRTUAL_DEVICE_OTHER_URLS=edge
    ) as devices:
        # One gateway and one edge hold all sockets when the second of their kind comes.
        scaled("edge-router=2", "gateway=2")
        for name, subject in (("gateway", "gateway"), ("edge-router", "edge")):
            rows += _cut(layout, name, subject, devices, Bench(build), edge, demo["EBON_API_KEY"])
        rows.append(_leave(layout, "gateway", devices))
    return rows


def _cut(
    layout: Layout, name: str, subject: str, devices: dict, bench: Bench, edge: str, key: str
) -> list[Row]:
    before = _device(devices, SESSIONS)
    printed = _prints(devices)
    ordered_before = _completed(layout)
    with ThreadPoolExecutor(1) as executor:
        began = time.monotonic()
        fleet.kill(layout, name)
        orders = executor.submit(
            bench.ask, "submit", edge, key, f"dev_storm_1..{COMMANDS}", COMMANDS, 50)
        _await(lambda: _device(devices, SESSIONS) >= before + DEVICES and _device(devices, CONNECTED) == DEVICES,
               f"{DEVICES} devices are not back")
        back = time.monotonic() - began
        if failures := orders.result()["failures"]:
            raise StackError(f"orders failed: {failures}")
        _await(lambda: _completed(layout) == ordered_before + COMMANDS, "commands are not completed")
        done = time.monotonic() - began
    news = {command: count for command, count in _prints(devices).items() if command not in printed}
    if len(news) != COMMANDS or set(news.values()) != {1}:
        raise StackError(f"{COMMANDS} receipts were ordered and {sum(news.values())} printed, of {len(news)}")
    goal = f"<= {LONGEST:.0f} s"
    return [
        Row(f"the {subject} of {DEVICES} sockets killed, until all are back", f"{back:.1f} s, {rate(DEVICES / back)}",
            judged=back, at_most=LONGEST, goal=goal),
        Row(f"the same, until {COMMANDS} receipts ordered meanwhile are printed, once", f"{done:.1f} s",
            judged=done, at_most=LONGEST, goal=goal),
    ]


def _leave(layout: Layout, name: str, devices: dict) -> Row:
    """SIGTERM: the sockets are closed one after the other, and whoever is away is back before the last one goes."""
    held = metrics.value(_announced(layout, name)["internalPort"], "ebon_gateway_sockets")
    before = _device(devices, SESSIONS)
    began = time.monotonic()
    fleet.kill(layout, name, signal.SIGTERM)
    least = DEVICES

    def all_back() -> bool:
        nonlocal least
        connected = _device(devices, CONNECTED)
        least = min(least, connected)
        return connected == DEVICES and _device(devices, SESSIONS) >= before + held

    _await(all_back, f"{held} devices are not back")
    back = time.monotonic() - began
    return Row(
        f"a gateway of {held} sockets asked to leave, until all are back",
        f"{back:.1f} s, {DEVICES - least} away at once", judged=back, at_most=LONGEST, goal=f"<= {LONGEST:.0f} s")


def _await(holds: Callable[[], bool], failure: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise StackError(f"{failure} after {PATIENCE:.0f} s")
        time.sleep(0.05)


def _announced(layout: Layout, name: str) -> dict:
    return json.loads(layout.ready_file(name).read_text())


def _device(devices: dict, metric: str) -> int:
    return metrics.value(devices["internalPort"], metric)


def _prints(devices: dict) -> dict[str, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{devices['controlPort']}/state", timeout=30) as answer:
        states = json.load(answer)["devices"].values()
    return {command: count for state in states for command, count in state["prints"].items()}


def _completed(layout: Layout) -> int:
    return int(fleet.psql(layout, """
        SELECT count(*) FROM dispatch.commands WHERE device_id LIKE 'dev_storm_%' AND status = 'completed'
    """))
