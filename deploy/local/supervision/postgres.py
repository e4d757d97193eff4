"""The stack's private PostgreSQL: reachable through its unix socket only, by whoever may enter the socket's folder."""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

from .layout import POSTGRES_ACCOUNT, Layout, StackError
from .process import Program

OWNER = "ebon"
DATABASE = "ebon"


def database_url(layout: Layout, role: str, database: str = DATABASE) -> str:
    return f"postgresql://{role}@/{database}?host={quote(str(layout.sockets))}"


def binary(name: str) -> str:
    """A program of the newest PostgreSQL that Debian installed."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=_version)
    if not found:
        raise StackError(f"PostgreSQL's {name} is missing: run deploy/local/prerequisites")
    return str(found[-1])


def _version(program: Path) -> int:
    number = re.search(r"/postgresql/(\d+)/", str(program))
    return int(number.group(1)) if number else 0


def create_cluster(layout: Layout) -> None:
    """Makes the data directory unless it is there. PostgreSQL refuses to run as root: root lends it its own account."""
    if (layout.database / "PG_VERSION").exists():
        return
    if layout.database.exists():
        shutil.rmtree(layout.database)
    layout.database.mkdir(mode=0o700)
    if account():
        shutil.chown(layout.database, POSTGRES_ACCOUNT, POSTGRES_ACCOUNT)
    command = [
        binary("initdb"), "-D", str(layout.database), "-U", OWNER, "--auth=trust", "--encoding=UTF8",
        "--locale=C.UTF-8", "--no-sync", "--no-instructions",
    ]
    outcome = subprocess.run(
        command, cwd="/", user=account(), group=account(), capture_output=True, text=True, timeout=120)
    if outcome.returncode != 0:
        raise StackError(f"initdb failed:\n{outcome.stderr.strip()}")


def create_database(layout: Layout) -> None:
    command = [binary("createdb"), "-h", str(layout.sockets), "-U", OWNER, DATABASE]
    outcome = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=60)
    if outcome.returncode != 0 and "already exists" not in outcome.stderr:
        raise StackError(f"createdb failed:\n{outcome.stderr.strip()}")


def account() -> str | None:
    return POSTGRES_ACCOUNT if os.getuid() == 0 else None


def postgres_program(layout: Layout, durable: bool) -> Program:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(layout.sockets),
        "max_connections": "300",
        "shared_buffers": "128MB",
        "jit": "off",
        "timezone": "UTC",
        "log_line_prefix": "%m [%p] %u ",
        "fsync": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return Program(
        name="postgres",
        command=(binary("postgres"), "-D", str(layout.database), *options),
        account=account(),
        stop_signal=signal.SIGINT,
        abort_signal=signal.SIGQUIT,
        answers=lambda: _accepts_queries(layout),
    )


def _accepts_queries(layout: Layout) -> bool:
    command = [binary("pg_isready"), "-q", "-h", str(layout.sockets)]
    return subprocess.run(command, cwd="/", timeout=5).returncode == 0
