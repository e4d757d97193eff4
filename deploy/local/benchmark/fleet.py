"""Virtual devices beside the stack's own, as many as a measurement wants."""

import json
import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from supervision.layout import Layout, StackError
from supervision.postgres import DATABASE, OWNER, binary, database_url

START_DEADLINE = 60.0


def psql(layout: Layout, statement: str, database: str = DATABASE) -> str:
    """Runs SQL as the database's owner; returns what it selects."""
    outcome = subprocess.run(
        [binary("psql"), "-X", "-q", "-A", "-t", "-d", database_url(layout, OWNER, database),
         "-v", "ON_ERROR_STOP=1", "-c", statement],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    if outcome.returncode != 0:
        raise StackError(f"PostgreSQL refused:\n{outcome.stderr.strip()}")
    return outcome.stdout.strip()


def register(layout: Layout, prefix: str, number: int) -> None:
    """Puts devices `<prefix>1` to `<prefix><number>` into the demonstration organization."""
    psql(layout, f"""
        INSERT INTO org.devices
            (device_id, org_id, location_id, name, protocol, transport, connection_params, controller_id, controller_name)
        SELECT '{prefix}' || n, org_id, location_id, name || n, protocol, transport, connection_params, controller_id,
            controller_name
        FROM org.devices, generate_series(1, {number}) AS n WHERE device_id = 'dev_pos_01'
    """)


def kill(layout: Layout, name: str, number: int = signal.SIGKILL) -> None:
    os.kill(int(layout.pid_file(name).read_text().split()[0]), number)


@contextmanager
def connected(
    build: Path, folder: Path, demo: dict[str, str], prefix: str, number: int, **variables: str
) -> Iterator[dict]:
    """One process that plays the devices, entered with what it announces when all of them are connected; `variables` are
    further ones of it."""
    folder.mkdir(parents=True)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    ready = folder / "ready.json"
    environment = {
        "EBON_URL": demo["EBON_URL"],
        "EBON_API_KEY": demo["EBON_API_KEY"],
        "VIRTUAL_DEVICE_ID": f"{prefix}1..{number}",
        "VIRTUAL_DEVICE_DIR": str(folder),
        "VIRTUAL_DEVICE_QUIET": "true",
        "INTERNAL_PORT": "0",
        "READY_FILE": str(ready),
        **variables,
    }
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [str(build / "VirtualDevice")], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + START_DEADLINE
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise StackError(f"{number} devices did not connect:\n{(folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)
        yield json.loads(ready.read_text())
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
