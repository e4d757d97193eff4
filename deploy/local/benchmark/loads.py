"""The programs that ask: wrk over HTTP, and this project's own for what wrk cannot do."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from supervision.layout import StackError

MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}

Figures = dict[str, float]
"""`rate` a second, `p50` and `p99` in milliseconds."""


def wrk(url: str, clients: int, seconds: int, key: str | None = None) -> Figures:
    headers = ["-H", f"x-api-key: {key}"] if key else []
    outcome = subprocess.run(
        ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--latency", *headers, url],
        capture_output=True, text=True, timeout=seconds + 30)
    text = outcome.stdout
    if failure := re.search(r"Non-2xx.*|Socket errors.*|unable to connect.*", text + outcome.stderr):
        raise StackError(f"{url} did not answer every request: {failure.group(0)}")
    latencies = dict(re.findall(r"^\s+(\d+)%\s+([\d.]+(?:us|ms|s))$", text, re.MULTILINE))
    return {
        "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
        "p50": _milliseconds(latencies["50"]),
        "p99": _milliseconds(latencies["99"]),
    }


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * MILLISECONDS[unit]


class Bench:
    """The executable of `Tests/Bench`."""

    def __init__(self, build: Path):
        self._program = str(build / "Bench")

    def ask(self, *arguments: object, timeout: float = 60) -> dict:
        outcome = subprocess.run(
            [self._program, *map(str, arguments)], capture_output=True, text=True, timeout=timeout)
        if outcome.returncode != 0:
            raise StackError(outcome.stderr.strip())
        return json.loads(outcome.stdout.strip().splitlines()[-1])

    @contextmanager
    def serving(self, *arguments: object) -> Iterator[None]:
        """The other end of a measurement, for as long as it lasts."""
        process = subprocess.Popen(
            [self._program, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            if process.stdout.readline().strip() != "ready":
                raise StackError(f"{self._program} {arguments[0]} did not start")
            yield
        finally:
            process.kill()
            process.wait()
