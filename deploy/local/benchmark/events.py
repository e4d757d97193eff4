"""One event to a thousand listeners, beside nginx's nchan, which has nothing to do but that."""

import resource
import statistics
from collections.abc import Callable
from pathlib import Path

from supervision.layout import Layout, StackError

from . import fleet
from .loads import Bench, Figures
from .peers import nchan
from .table import Row, latency, rate

LISTENERS = 1_000
EVENTS = 200
OUTSTANDING = 8
"""Events on their way at a time."""
ROUNDS = 5
LEAST_SHARE = 0.8
SLOWEST = 150.0
"""Milliseconds, p99, from the request that makes an event to a listener."""
PREFIX = "dev_event_"
DEVICES = 32
"""So that claims do not wait for each other."""


def events(layout: Layout, stack: Callable[..., None], build: Path, demo: dict[str, str]) -> list[Row]:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    fleet.register(layout, PREFIX, DEVICES)
    fleet.psql(layout, f"UPDATE org.devices SET controller_id = 'bench' WHERE device_id LIKE '{PREFIX}%'")
    url, key = demo["EBON_URL"], demo["EBON_API_KEY"]
    socket = f"{url.replace('http', 'ws', 1)}/ws?subscribe=events&apiKey={key}"
    ours, theirs = [], []
    with nchan(layout.directory / "nchan") as peer:
        for _ in range(ROUNDS):
            theirs.append(_listen(build, f"ws://{peer}/listen", "nchan", f"http://{peer}"))
            ours.append(_listen(build, socket, "claims", url, key, f"{PREFIX}1..{DEVICES}"))
    share = statistics.median(mine["rate"] / other["rate"] for mine, other in zip(ours, theirs))
    slowest = _median(ours, "p99")
    return [
        Row(f"deliveries of events to {LISTENERS} listeners, {OUTSTANDING} events at a time",
            rate(_median(ours, "rate")), f"nchan {rate(_median(theirs, 'rate'))}", share, at_least=LEAST_SHARE,
            goal=f">= {LEAST_SHARE}"),
        Row("from the claim of a device to each of them, 10 a second", _spread(ours), f"nchan {_spread(theirs)}",
            judged=slowest, at_most=SLOWEST, goal=f"p99 <= {SLOWEST:.0f} ms"),
    ]


def _listen(build: Path, socket: str, *publisher: str) -> Figures:
    figures = Bench(build).ask("listen", socket, LISTENERS, EVENTS, OUTSTANDING, *publisher, timeout=180)
    if figures["lost"]:
        raise StackError(f"{figures['lost']} listeners were closed")
    return figures


def _median(rounds: list[Figures], figure: str) -> float:
    return statistics.median(each[figure] for each in rounds)


def _spread(rounds: list[Figures]) -> str:
    return f"p50 {latency(_median(rounds, 'p50'))}, p99 {latency(_median(rounds, 'p99'))}"
