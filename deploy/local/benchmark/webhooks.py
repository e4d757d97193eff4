"""Stripe's events: how fast they are acknowledged at a steady rate, and how many are applied when they come at once."""

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from subscriptions.events import Subscription, deliver
from supervision.layout import Layout, StackError

from .fleet import psql
from .table import Row, latency, rate

STEADY = 50
"""A second."""
STEADY_SECONDS = 10
SLOWEST = 150.0
"""Milliseconds, p99."""
AT_ONCE = 3_000
CLIENTS = 16
ORGANIZATIONS = 250
FEWEST = 200.0
"""A second."""


def webhooks(layout: Layout, stack: Callable[..., None], build: Path, demo: dict[str, str]) -> list[Row]:
    began = int(time.time()) - 86_400
    psql(layout, f"""
        INSERT INTO org.organizations (org_id, name, cui)
        SELECT 'bench_pays_' || n, 'Bench ' || n, 'RO12345678' FROM generate_series(0, {ORGANIZATIONS - 1}) AS n
    """)
    with ThreadPoolExecutor(CLIENTS) as clients:
        steady = _events("steady", STEADY * STEADY_SECONDS, began, demo)
        start = time.monotonic()
        waits = sorted(clients.map(
            lambda pair: _acknowledged(start + pair[0] / STEADY, pair[1], demo), enumerate(steady)))
        flood = _events("flood", AT_ONCE, began, demo)
        start = time.monotonic()
        list(clients.map(lambda event: _acknowledged(start, event, demo), flood))
        applied = len(flood) / (time.monotonic() - start)
    kept = int(psql(layout, "SELECT count(*) FROM billing.stripe_events WHERE org_id LIKE 'bench_pays_%'"))
    if kept != len(steady) + len(flood):
        raise StackError(f"{kept} events were applied instead of {len(steady) + len(flood)}")
    slow = waits[len(waits) * 99 // 100]
    return [
        Row(f"webhook to 200, {STEADY}/s", f"p50 {latency(statistics.median(waits))}, p99 {latency(slow)}",
            judged=slow, at_most=SLOWEST, goal=f"p99 <= {SLOWEST:.0f} ms"),
        Row(f"webhooks applied, {CLIENTS} at a time", rate(applied), judged=applied, at_least=FEWEST,
            goal=f">= {FEWEST:.0f}/s"),
    ]


def _events(name: str, count: int, began: int, demo: dict[str, str]) -> list[dict]:
    """Three for each subscription: what it was, that it is paid, an upgrade."""
    pro, enterprise = demo["EBON_STRIPE_PRICE_PRO"], demo["EBON_STRIPE_PRICE_ENTERPRISE"]
    steps = (("created", 0, "incomplete", pro), ("updated", 1, "active", pro), ("updated", 2, "active", enterprise))
    return [
        Subscription(f"bench_pays_{number // 3 % ORGANIZATIONS}", f"{name}{number // 3}", began).told(*steps[number % 3])
        for number in range(count)
    ]


def _acknowledged(at: float, event: dict, demo: dict[str, str]) -> float:
    """Milliseconds from when it should have been sent, so that a queue of ours counts."""
    time.sleep(max(0.0, at - time.monotonic()))
    if (status := deliver(demo["EBON_URL"], event, demo["EBON_STRIPE_WEBHOOK_SECRET"])) != 200:
        raise StackError(f"a webhook was answered with {status}")
    return (time.monotonic() - at) * 1000
