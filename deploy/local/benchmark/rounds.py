"""What is measured several times, by turns with its peers, so that a busy moment of the machine hits all of them."""

import statistics
from collections.abc import Callable

from .loads import Bench, Figures, wrk
from .peers import publish
from .table import Row, latency, rate, throughput

SECONDS = 1
"""Many short samples rather than few long ones: what else the machine does comes and goes."""
CLIENTS = 64


class Rounds:
    """The measurements, and the rows that they make."""

    def __init__(self, rows: set[str], bench: Bench, demo: dict[str, str], nginx: tuple[str, str]):
        self._figures: dict[str, list[Figures]] = {}
        url, key, redis = demo["EBON_URL"], demo["EBON_API_KEY"], demo["REDIS_URL"]
        me, device = f"{url}/api/v1/me", f"{url}/api/v1/devices/{demo['EBON_DEVICE']}"
        everything: dict[str, tuple[str, Callable[[], Figures]]] = {
            "publish": ("edge", lambda: publish(redis)),
            "me": ("edge", lambda: wrk(me, CLIENTS, SECONDS, key)),
            "proxy": ("edge", lambda: wrk(nginx[1], CLIENTS, SECONDS)),
            "echo": ("latency", lambda: bench.ask("ask", redis, SECONDS)),
            "me alone": ("latency", lambda: wrk(me, 1, SECONDS, key)),
            "proxy alone": ("latency", lambda: wrk(nginx[1], 1, SECONDS)),
            "forwarded": ("forward", lambda: wrk(device, CLIENTS, SECONDS, key)),
            "forwarded alone": ("forward", lambda: wrk(device, 1, SECONDS, key)),
            "health": ("health", lambda: wrk(f"{url}/health", CLIENTS, SECONDS)),
            "static": ("health", lambda: wrk(nginx[0], CLIENTS, SECONDS)),
            "bus alone": ("bus", lambda: bench.ask("call", redis, 1, SECONDS)),
            "bus": ("bus", lambda: bench.ask("call", redis, CLIENTS, SECONDS)),
        }
        self._measurements = {name: measure for name, (row, measure) in everything.items() if row in rows}

    def __bool__(self) -> bool:
        return bool(self._measurements)

    def run(self) -> None:
        for name, measure in self._measurements.items():
            self._figures.setdefault(name, []).append(measure())

    def rows(self) -> list[Row]:
        makers = {
            "me": self._edge, "me alone": self._latency, "forwarded": self._forwarded, "health": self._health,
            "bus": self._bus,
        }
        return [row for name, make in makers.items() if name in self._figures for row in make()]

    def _median(self, name: str) -> Figures:
        rounds = self._figures[name]
        return {figure: statistics.median(each[figure] for each in rounds) for figure in rounds[0]}

    def _ratio(self, ours: str, peer: str, figure: str = "rate") -> float:
        """The median of the rounds' own ratios: their two samples lie seconds apart, the medians may lie minutes."""
        return statistics.median(
            mine[figure] / other[figure] for mine, other in zip(self._figures[ours], self._figures[peer]))

    def _edge(self) -> list[Row]:
        me, publish, proxy = self._median("me"), self._median("publish"), self._median("proxy")
        subject = f"edge GET /api/v1/me, key + scope + limits, {CLIENTS} clients"
        return [
            Row(subject, throughput(me), f"Redis PUBLISH {rate(publish['rate'])}", self._ratio("me", "publish"),
                at_least=0.10, goal=">= 0.10 (0.15 wanted)"),
            Row("", "", f"nginx proxy {throughput(proxy)}", self._ratio("me", "proxy")),
        ]

    def _latency(self) -> list[Row]:
        me, echo, proxy = self._median("me alone"), self._median("echo"), self._median("proxy alone")
        return [
            Row("the same, 1 client, p50", latency(me["p50"]), f"raw pub/sub round trip {latency(echo['p50'])}",
                self._ratio("me alone", "echo", "p50"), at_most=8, goal="<= 8"),
            Row("", "", f"nginx proxy {latency(proxy['p50'])}", self._ratio("me alone", "proxy alone", "p50")),
        ]

    def _forwarded(self) -> list[Row]:
        many, alone = self._median("forwarded"), self._median("forwarded alone")
        return [
            Row(f"GET /api/v1/devices/{{id}} over the bus, {CLIENTS} clients", throughput(many)),
            Row("the same, 1 client", throughput(alone)),
        ]

    def _health(self) -> list[Row]:
        health, static = self._median("health"), self._median("static")
        return [
            Row(f"edge GET /health, {CLIENTS} clients", throughput(health), f"nginx return 200 {throughput(static)}",
                self._ratio("health", "static"), at_least=0.9, goal=">= 0.9")
        ]

    def _bus(self) -> list[Row]:
        alone, many = self._median("bus alone"), self._median("bus")
        return [
            Row("bus call and reply, 1 outstanding", throughput(alone)),
            Row(f"bus call and reply, {CLIENTS} outstanding", throughput(many)),
        ]
