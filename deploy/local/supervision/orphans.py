"""What a supervisor that was killed has left running, found by the pid files."""

import os
import signal
import time

from .layout import Layout
from .process import process_start, process_state, signal_group


def running(layout: Layout) -> dict[str, int]:
    """The processes of this stack that are alive, by name."""
    found = {}
    for file in sorted(layout.pids.glob("*")):
        pid, _, start = file.read_text().strip().partition(" ")
        if pid.isdigit() and start == process_start(int(pid)) and process_state(int(pid)):
            found[file.name] = int(pid)
        else:
            file.unlink(missing_ok=True)
    return found


def end(layout: Layout, patience: float = 10.0) -> None:
    """Stops them all, gently first."""
    left = running(layout)
    for name, pid in left.items():
        signal_group(pid, signal.SIGINT if name == "postgres" else signal.SIGTERM)
        signal_group(pid, signal.SIGCONT)
    deadline = time.monotonic() + patience
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = running(layout)
    for pid in left.values():
        signal_group(pid, signal.SIGKILL)
    while left:
        time.sleep(0.01)
        left = running(layout)
    for socket in (layout.control, layout.redis_socket):
        if os.path.lexists(socket):
            socket.unlink()
