"""One supervised process: started, watched, restarted with back-off, stopped."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .layout import Layout, StackError

FIRST_DELAY, LONGEST_DELAY, STEADY_AFTER = 0.1, 5.0, 10.0
"""Seconds: the first pause before a restart doubles to the longest, and is the first again after a steady life."""


@dataclass(frozen=True)
class Program:
    """What to start, and how to know that it is ready."""

    name: str
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    account: str | None = None
    stop_signal: int = signal.SIGTERM
    abort_signal: int = signal.SIGKILL
    answers: Callable[[], bool] | None = field(default=None, compare=False)
    """Asks the process itself; without it, the process writes its ready file."""


def process_state(pid: int) -> str | None:
    """The kernel's one-letter state; None when there is no such process, or only its remains."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            state = file.read().rpartition(")")[2].split()[0]
    except OSError:
        return None
    return None if state in "ZX" else state


def process_start(pid: int) -> str | None:
    """The kernel's start time, which tells a process from a later one with the same number."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[19]
    except OSError:
        return None


def signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        pass


class Child:
    """A program that is kept running from `start` to `stop`."""

    def __init__(self, program: Program, layout: Layout):
        self.program = program
        self.restarts = 0
        self.last_exit: int | None = None
        self._layout = layout
        self._process: subprocess.Popen | None = None
        self._started = 0.0
        self._built = 0.0
        self._stopping = threading.Event()
        self._spawning = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def wanted(self) -> bool:
        return self._thread is not None and not self._stopping.is_set()

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process and process.poll() is None else None

    @property
    def outdated(self) -> bool:
        """True when the executable was built anew since the process started."""
        return self.pid is not None and _modified(self.program) != self._built

    @property
    def state(self) -> str:
        pid = self.pid
        if pid is None:
            return "restarting" if self.wanted else "stopped"
        if process_state(pid) in ("T", "t"):
            return "paused"
        return "ready" if self.ready else "starting"

    @property
    def ready(self) -> bool:
        if self.pid is None:
            return False
        if self.program.answers:
            return self.program.answers()
        return self._layout.ready_file(self.program.name).exists()

    def start(self) -> None:
        if self.wanted:
            return
        self._stopping.clear()
        self.restarts = 0
        self._spawn()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def wait_ready(self, deadline: float, leaving: threading.Event) -> None:
        """Returns when the process is ready.

        Raises StackError with the end of its log at the deadline, or as soon as it has died a third time.
        """
        while not self.ready:
            if leaving.is_set():
                raise StackError("stopped before everything was ready")
            if self.restarts >= 3 or time.monotonic() > deadline:
                reason = f"exited with {self.last_exit}" if self.restarts else "is not ready in time"
                raise StackError(f"{self.program.name} {reason}; the end of its log:\n{self._log_end()}")
            time.sleep(0.01)

    def signal(self, number: int) -> None:
        pid = self.pid
        if pid is None:
            raise StackError(f"{self.program.name} is not running")
        os.kill(pid, number)

    def ask_to_stop(self, number: int) -> None:
        """Sends the signal, and wakes the process if it is paused."""
        with self._spawning:
            self._stopping.set()
        pid = self.pid
        if pid is not None:
            signal_group(pid, number)
            signal_group(pid, signal.SIGCONT)

    def await_stop(self, deadline: float) -> None:
        """Waits for the end of what `ask_to_stop` began; kills at the deadline."""
        if self._thread is None:
            return
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if self._thread.is_alive() and (pid := self.pid):
            signal_group(pid, signal.SIGKILL)
        self._thread.join()
        self._thread = None

    def _spawn(self) -> None:
        name = self.program.name
        self._layout.ready_file(name).unlink(missing_ok=True)
        self._built = _modified(self.program)
        with open(self._layout.log(name), "ab") as log:
            self._process = subprocess.Popen(
                self.program.command, env=dict(self.program.environment), cwd="/", stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
                user=self.program.account, group=self.program.account)
        self._started = time.monotonic()
        pid = self._process.pid
        self._layout.pid_file(name).write_text(f"{pid} {process_start(pid)}\n")

    def _watch(self) -> None:
        delay = FIRST_DELAY
        while True:
            self.last_exit = self._process.wait()
            self._layout.pid_file(self.program.name).unlink(missing_ok=True)
            if time.monotonic() - self._started >= STEADY_AFTER:
                delay = FIRST_DELAY
            if self._stopping.wait(delay):
                return
            delay = min(delay * 2, LONGEST_DELAY)
            self.restarts += 1
            with self._spawning:
                if self._stopping.is_set():
                    return
                self._spawn_or_log()

    def _spawn_or_log(self) -> None:
        """A program that is being built anew may be missing for a moment: that counts as one more death."""
        try:
            self._spawn()
        except OSError as error:
            with open(self._layout.log(self.program.name), "a") as log:
                log.write(f"could not be started: {error}\n")

    def _log_end(self) -> str:
        lines = self._layout.log(self.program.name).read_text(errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-15:]) or "  (it is empty)"


def _modified(program: Program) -> float:
    try:
        return os.stat(program.command[0]).st_mtime
    except OSError:
        return 0.0
