"""What the figures were measured on, and what a process holds of it."""

import os
import re
from pathlib import Path


def description() -> str:
    model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return f"{os.cpu_count()} cores, {model.group(1) if model else 'unknown processor'}"


def load() -> str:
    """Processes that ran or wanted to run, averaged over the last minute."""
    return f"{os.getloadavg()[0]:.1f}"


def own_bytes(pid: int) -> int:
    """The memory that a process alone has: heap and stacks, not the libraries that it has in common with others."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^RssAnon:\s+(\d+) kB$", status, re.MULTILINE).group(1)) * 1024
