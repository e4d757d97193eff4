"""Well-behaved clients: they go to another edge, and try again, for as long as an answer says that they may."""

import http.client
import itertools
import json
import threading
import time
from dataclasses import dataclass, field
from email.message import Message
from urllib.parse import urlsplit

LONGEST_ANSWER = 15.0
"""Seconds: a request ends within 10, and nobody waits for a register here."""
PATIENCE = 120.0
PAUSE = 0.25


@dataclass
class Answers:
    """What clients have seen of the stack, in this phase and in all."""

    counts: dict[str, int] = field(default_factory=dict)
    longest: float = 0.0
    """Seconds from the first attempt of a request to its answer, in this phase."""
    violations: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str) -> None:
        with self._lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def took(self, seconds: float) -> None:
        with self._lock:
            self.longest = max(self.longest, seconds)

    def violated(self, what: str) -> None:
        with self._lock:
            self.violations.append(what)

    def new_phase(self) -> tuple[dict[str, int], float]:
        """What was seen since the last call."""
        with self._lock:
            seen = self.counts, self.longest
            self.counts, self.longest = {}, 0.0
            return seen


class Client:
    """One credential, all edges."""

    def __init__(self, edges: list[str], answers: Answers, headers: dict[str, str] | None = None):
        self._edges = itertools.cycle(edges)
        self._edge = next(self._edges)
        self._answers = answers
        self._headers = headers or {}

    def insist(self, method: str, path: str, body: bytes | None, expected: set[int], headers=lambda: {},
               again: set[int] = frozenset()) -> tuple[int, dict] | None:
        """Sends a request until its status is one of `expected`; nil, and a violation, if another comes that is neither
        a 503 that says when to come back nor in `again`, or none for two minutes."""
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE:
            try:
                status, fields, text = self._send(method, path, body, headers())
            except (OSError, http.client.HTTPException):
                self._answers.count("cut")
                self._edge = next(self._edges)
                time.sleep(PAUSE)
                continue
            self._answers.count(str(status))
            if status in expected:
                self._answers.took(time.monotonic() - began)
                return status, json.loads(text) if text else {}
            retryable = status == 503 and fields.get("Retry-After", "").isdigit() and b"SERVICE_UNAVAILABLE" in text
            if not retryable and status not in again:
                self._answers.violated(f"{method} {path}: {status} {text[:300].decode(errors='replace')}")
                return None
            time.sleep(PAUSE)
        self._answers.violated(f"{method} {path}: no answer for {PATIENCE:.0f} s")
        return None

    def get(self, path: str) -> dict | list | None:
        answer = self.insist("GET", path, None, {200})
        return answer and answer[1]

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, Message, bytes]:
        address = urlsplit(self._edge)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=LONGEST_ANSWER)
        try:
            fields = {**self._headers, **headers} | ({"Content-Type": "application/json"} if body else {})
            connection.request(method, path, body, fields)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()
