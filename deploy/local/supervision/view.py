"""What the command line shows: the table of processes, the logs, the first lines to try."""

import json
import time
from pathlib import Path

from .credentials import read_environment
from .layout import Layout, StackError


def table(layout: Layout, processes: list[dict]) -> str:
    rows = [("NAME", "PID", "STATE", "RESTARTS", "INTERNAL", "PORT")]
    for process in processes:
        ports = _ports(layout, process["name"]) if process["state"] in ("ready", "paused") else {}
        rows.append((
            process["name"],
            str(process["pid"] or "-"),
            process["state"],
            str(process["restarts"]),
            str(ports.get("internalPort") or "-"),
            str(ports.get("port") or "-"),
        ))
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def _ports(layout: Layout, name: str) -> dict:
    try:
        return json.loads(layout.ready_file(name).read_text())
    except (OSError, ValueError):
        return {}


def log_files(layout: Layout, name: str | None) -> list[Path]:
    if name is None:
        return sorted(layout.logs.glob("*.log"))
    if not layout.log(name).exists():
        known = ", ".join(file.stem for file in log_files(layout, None))
        raise StackError(f"there is no log of {name}; there are {known or 'none'}")
    return [layout.log(name)]


def follow(layout: Layout, name: str | None, last: int, wait: bool = True) -> None:
    """Prints the last lines of the logs, then what is added, each line behind its process' name."""
    positions: dict[Path, int] = {}
    for file in log_files(layout, name):
        content = file.read_bytes()
        positions[file] = len(content)
        lines = content.splitlines()
        _show(file, lines[max(0, len(lines) - last):])
    while wait:
        time.sleep(0.1)
        for file in log_files(layout, name):
            positions[file] = _show_added(file, positions.get(file, 0))


def _show_added(file: Path, position: int) -> int:
    size = file.stat().st_size
    if size < position:
        position = 0
    if size == position:
        return position
    with open(file, "rb") as log:
        log.seek(position)
        whole, newline, _ = log.read(size - position).rpartition(b"\n")
    _show(file, whole.splitlines())
    return position + len(whole) + len(newline)


def _show(file: Path, lines: list[bytes]) -> None:
    for line in lines:
        print(f"{file.stem:20} {line.decode(errors='replace')}", flush=True)


def welcome(layout: Layout) -> str:
    demo = read_environment(layout.demo_environment)
    url, device = demo["EBON_URL"], demo["EBON_DEVICE"]
    receipt = (
        '{"type":"print_receipt","payload":{"items":[{"name":"Cafea","quantity":1,"price":12.50,"vatRate":11}],'
        '"payments":[{"type":"cash","amount":12.50}]}}')
    return f"""
e-bon answers at {url}
  organization {demo["EBON_ORG"]}, owner {demo["EBON_EMAIL"]}, password {demo["EBON_PASSWORD"]}
  API key {demo["EBON_API_KEY"]}

Try, after `source {layout.demo_environment}`:
  curl $EBON_URL/api/v1/devices -H "x-api-key: $EBON_API_KEY"
  curl $EBON_URL/api/v1/devices/{device}/cash-balance -H "x-api-key: $EBON_API_KEY"
  curl $EBON_URL/api/v1/devices/{device}/commands -H "x-api-key: $EBON_API_KEY" -H 'Content-Type: application/json' \\
    -d '{receipt}'
"""
