"""What is measured once, with devices: a stream of commands, and thousands of idle sockets."""

import json
import time
from collections.abc import Callable
from pathlib import Path

from supervision.layout import Layout, StackError

from . import fleet, metrics
from .loads import Bench
from .machine import own_bytes
from .table import Row, latency
from .throughput import throughput

COMMANDS_A_SECOND = 50
COMMAND_SECONDS = 10
COMMAND_DEVICES = 500
SLOWEST_COMMAND = 100.0
"""Milliseconds, p99."""
IDLE_DEVICES = 5000
BYTES_A_SOCKET = 12 * 1024
GAUGES = {"gateway": "ebon_gateway_sockets", "edge-router": "ebon_edge_tunnels"}
"""Who holds the sockets, and the metric that counts them."""


def commands(layout: Layout, stack: Callable[..., None], build: Path, demo: dict[str, str]) -> list[Row]:
    fleet.register(layout, "dev_bench_", COMMAND_DEVICES)
    with fleet.connected(build, layout.directory / "bench-devices", demo, "dev_bench_", COMMAND_DEVICES):
        figures = Bench(build).ask(
            "commands", demo["EBON_URL"], demo["EBON_API_KEY"], f"dev_bench_1..{COMMAND_DEVICES}", COMMANDS_A_SECOND,
            COMMAND_SECONDS)
    if figures["failures"]:
        raise StackError(f"commands failed: {figures['failures']}")
    goal = f"p99 <= {SLOWEST_COMMAND:.0f} ms"
    subject = f"command to completed, {COMMANDS_A_SECOND}/s, {COMMAND_DEVICES} registers that print in 20 ms"
    return [
        Row(subject, _spread(figures["stored"]), judged=figures["stored"]["p99"], at_most=SLOWEST_COMMAND, goal=goal),
        Row("the same as a client sees it, asking every 5 ms", _spread(figures["seen"]),
            judged=figures["seen"]["p99"], at_most=SLOWEST_COMMAND, goal=goal),
        Row("the order itself (201)", _spread(figures["post"])),
        *throughput(layout, build, demo),
    ]


def _spread(figures: dict) -> str:
    return f"p50 {latency(figures['p50'])}, p99 {latency(figures['p99'])}"


def sockets(layout: Layout, stack: Callable[..., None], build: Path, demo: dict[str, str]) -> list[Row]:
    # Memory that an earlier row has used and left would be used again, and missing in the difference.
    for name in GAUGES:
        stack("restart", name)
    fleet.register(layout, "dev_idle_", IDLE_DEVICES)
    before = {name: own_bytes(_pid(layout, name)) for name in GAUGES}
    with fleet.connected(build, layout.directory / "idle-devices", demo, "dev_idle_", IDLE_DEVICES):
        # What the handshakes needed has been given back, and what follows them has been written.
        time.sleep(3)
        each = {name: (own_bytes(_pid(layout, name)) - before[name]) / IDLE_DEVICES for name in GAUGES}
        for name, gauge in GAUGES.items():
            if (count := metrics.value(_port(layout, name), gauge)) != IDLE_DEVICES:
                raise StackError(f"{name} holds {count} sockets instead of {IDLE_DEVICES}")
    return [
        Row(f"gateway, memory per idle device socket, {IDLE_DEVICES} of them", f"{each['gateway'] / 1024:.1f} KiB",
            judged=each["gateway"], at_most=BYTES_A_SOCKET, goal=f"<= {BYTES_A_SOCKET // 1024} KiB"),
        Row("edge, memory per tunnel of them", f"{each['edge-router'] / 1024:.1f} KiB"),
    ]


def _pid(layout: Layout, name: str) -> int:
    return int(layout.pid_file(name).read_text().split()[0])


def _port(layout: Layout, name: str) -> int:
    return json.loads(layout.ready_file(name).read_text())["internalPort"]
