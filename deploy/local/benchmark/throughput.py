"""Commands as fast as the system takes them, beside PostgreSQL alone writing the same rows."""

import re
import statistics
import subprocess
import time
from pathlib import Path

from supervision.layout import Layout, StackError
from supervision.postgres import OWNER, binary, database_url
from supervision.programs import REPOSITORY

from . import fleet
from .fleet import psql
from .loads import Bench
from .table import Row, rate

DEVICES = 500
COMMANDS = 6_000
OUTSTANDING = 64
"""Orders that wait for their 201 at a time."""
ROUNDS = 3
SECONDS = 5
PEER = "ebon_peer"
PEER_CLIENTS = 32
"""More make PostgreSQL alone no faster."""
LEAST_SHARE = 0.35
PREFIX = "dev_rate_"


def throughput(layout: Layout, build: Path, demo: dict[str, str]) -> list[Row]:
    _create_peer(layout, build)
    fleet.register(layout, PREFIX, DEVICES)
    ours, alone = [], []
    folder = layout.directory / "rate-devices"
    with fleet.connected(build, folder, demo, PREFIX, DEVICES, VIRTUAL_DEVICE_LATENCY_MS="0"):
        _commands(layout, build, demo, COMMANDS // 6)
        for _ in range(ROUNDS):
            alone.append(_pgbench(layout))
            ours.append(_commands(layout, build, demo, COMMANDS))
    share = statistics.median(mine / other for mine, other in zip(ours, alone))
    return [Row(
        f"commands ordered and completed, {DEVICES} registers that print at once", rate(statistics.median(ours)),
        f"pgbench, the same rows {rate(statistics.median(alone))}", share, at_least=LEAST_SHARE,
        goal=f">= {LEAST_SHARE}")]


def _commands(layout: Layout, build: Path, demo: dict[str, str], count: int) -> float:
    """How many a second, from the first order to the last receipt."""
    began = psql(layout, "SELECT now()")
    ordered = Bench(build).ask(
        "submit", demo["EBON_URL"], demo["EBON_API_KEY"], f"{PREFIX}1..{DEVICES}", count, OUTSTANDING, timeout=120)
    if ordered["failures"]:
        raise StackError(f"orders failed: {ordered['failures']}")
    deadline = time.monotonic() + 60
    while psql(layout, "SELECT count(*) FROM dispatch.commands WHERE status IN ('pending', 'sent')") != "0":
        if time.monotonic() > deadline:
            raise StackError("the commands did not end")
        time.sleep(0.1)
    completed, seconds = psql(layout, f"""
        SELECT count(*) FILTER (WHERE status = 'completed'), extract(epoch FROM max(finished_at) - min(created_at))
        FROM dispatch.commands WHERE device_id LIKE '{PREFIX}%' AND created_at >= '{began}'
    """).split("|")
    if int(completed) != count:
        raise StackError(f"{count} commands were ordered and {completed} completed")
    return count / float(seconds)


def _create_peer(layout: Layout, build: Path) -> None:
    """A database of its own on the same server, so that nobody else works in it."""
    psql(layout, f"CREATE DATABASE {PEER}")
    environment = {"DATABASE_URL": database_url(layout, OWNER, PEER), "MIGRATIONS": str(REPOSITORY)}
    outcome = subprocess.run([str(build / "Migrator")], env=environment, capture_output=True, text=True, timeout=60)
    if outcome.returncode != 0:
        raise StackError(f"the peer's database could not be made:\n{outcome.stderr}")


def _pgbench(layout: Layout) -> float:
    outcome = subprocess.run(
        [binary("pgbench"), "-n", "-M", "prepared", "-c", str(PEER_CLIENTS), "-j", "2", "-T", str(SECONDS),
         "-f", str(Path(__file__).with_name("command.sql")), database_url(layout, OWNER, PEER)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS + 60)
    found = re.search(r"^tps = ([\d.]+)", outcome.stdout, re.MULTILINE)
    if outcome.returncode != 0 or not found:
        raise StackError(f"pgbench failed:\n{outcome.stderr.strip()[-2000:]}")
    return float(found.group(1))
