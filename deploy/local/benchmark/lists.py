"""The reads that answer for a whole organization, with a thousand devices and with ten thousand of them."""

import json
import re
import statistics
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from supervision.credentials import read_environment
from supervision.layout import Layout, StackError

from .fleet import psql
from .loads import wrk
from .table import Row, latency

ORGANIZATIONS = {"bench_1k": 1_000, "bench_10k": 10_000}
READS = {
    "devices": "org-locations",
    "devices/statuses": "gateway",
    "devices/alerts": "alerts-engine",
    "app-instances": "gateway",
}
"""Each with the service that answers it."""
ROUNDS = 7
MOST_TIMES_LONGER = 12.0
ALONE_MEANWHILE = 50.0
"""Milliseconds, p99, of a read of one device."""
DEVICES = """
    WITH organization AS (
        SELECT org_id, location_id FROM org.locations WHERE org_id = '{organization}' ORDER BY location_id LIMIT 1
    ), device AS (
        INSERT INTO org.devices
            (device_id, org_id, location_id, name, protocol, transport, connection_params, controller_id, controller_name)
        SELECT 'dev_' || org_id || '_list_' || n, org_id, location_id, 'Casa de marcat ' || n, 'datecs_extended', 'tcp',
            '{{"host": "192.168.1.50", "port": 9100}}', 'app_' || n, 'Telefon ' || n
        FROM organization, generate_series(1, {count}) AS n
        RETURNING org_id, device_id
    ), state AS (
        INSERT INTO gateway.device_states
            (device_id, org_id, epoch, session, instance, connected, busy, connected_at, last_seen, app_version,
            device_model, os_version, paper_near_end_since, cover_open_since)
        SELECT device_id, org_id, 1, 'ses_bench', 'bench', true, false, now(), now(), '2.4.1', 'Pixel 8', 'Android 15',
            now() - interval '1 hour', now() - interval '2 hours'
        FROM device
    ), announced AS (
        INSERT INTO alerts.schedule (device_id, org_id, due_at)
        SELECT device_id, org_id, now() + interval '1 day' FROM device
    )
    INSERT INTO dispatch.lanes (device_id, org_id, last_z_report_at) SELECT device_id, org_id, now() FROM device
"""
"""What a device shows: a controller, an app that is connected, two alerts. Nobody announces them meanwhile."""


def lists(layout: Layout, stack: Callable[..., None], build: Path, demo: dict[str, str]) -> list[Row]:
    psql(layout, "INSERT INTO gateway.instances VALUES ('bench', now() + interval '1 day')")
    for organization, count in ORGANIZATIONS.items():
        stack("demo-org", organization)
        psql(layout, DEVICES.format(organization=organization, count=count))
    psql(layout, "ANALYZE")
    callers = {name: read_environment(layout.directory / f"{name}.env") for name in ORGANIZATIONS}
    small, large = ORGANIZATIONS
    times: dict[tuple[str, str], list[float]] = {}
    for _ in range(ROUNDS):
        for read in READS:
            for organization, caller in callers.items():
                times.setdefault((read, organization), []).append(_read(caller, read)[0])
    rows = []
    for read, service in READS.items():
        trips = [_round_trips(layout, service, callers[organization], read) for organization in ORGANIZATIONS]
        if trips[0] != trips[1]:
            raise StackError(f"GET {read} takes {trips[0]} round trips with 1k devices, {trips[1]} with 10k")
        median = {name: statistics.median(times[read, name]) for name in ORGANIZATIONS}
        size = _read(callers[large], read)[1]
        rows.append(Row(
            f"GET /api/v1/{read}, 10k devices, {trips[1]:.0f} SQL round trip{'s' if trips[1] > 1 else ''}",
            f"{latency(median[large])}, {size / 1e6:.1f} MB", f"1k devices {latency(median[small])}",
            statistics.median(b / a for a, b in zip(times[read, small], times[read, large])),
            at_most=MOST_TIMES_LONGER, goal=f"<= {MOST_TIMES_LONGER:.0f} times"))
    return rows + _meanwhile(callers[large])


def _read(caller: dict[str, str], read: str) -> tuple[float, int]:
    """Milliseconds and bytes."""
    request = urllib.request.Request(
        f"{caller['EBON_URL']}/api/v1/{read}", headers={"x-api-key": caller["EBON_API_KEY"]})
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=30) as answer:
        size = len(answer.read())
    return (time.perf_counter() - began) * 1000, size


def _meanwhile(caller: dict[str, str]) -> list[Row]:
    """One device, asked for while others list all of them from the same replica without a pause."""
    one = f"{caller['EBON_URL']}/api/v1/devices/dev_bench_10k_list_1"
    alone = wrk(one, 1, 2, caller["EBON_API_KEY"])
    over = threading.Event()

    def list_all() -> None:
        while not over.is_set():
            _read(caller, "devices")

    listing = threading.Thread(target=list_all)
    listing.start()
    try:
        beside = wrk(one, 1, 5, caller["EBON_API_KEY"])
    finally:
        over.set()
        listing.join()
    return [Row(
        "GET /api/v1/devices/{id} while 10k are being listed, p99", latency(beside["p99"]),
        f"alone {latency(alone['p99'])}", judged=beside["p99"], at_most=ALONE_MEANWHILE,
        goal=f"<= {ALONE_MEANWHILE:.0f} ms")]


def _round_trips(layout: Layout, service: str, caller: dict[str, str], read: str) -> float:
    """The fewest of several measurements: what a service does at intervals counts too."""
    return min(_counted(layout, service, caller, read) for _ in range(5))


def _counted(layout: Layout, service: str, caller: dict[str, str], read: str) -> float:
    before = _counter(layout, service)
    _read(caller, read)
    return _counter(layout, service) - before


def _counter(layout: Layout, service: str) -> float:
    port = json.loads(layout.ready_file(service).read_text())["internalPort"]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        found = re.search(r"^ebon_database_round_trips_total (\S+)$", answer.read().decode(), re.MULTILINE)
    return float(found.group(1))
