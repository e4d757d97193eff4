"""The process that owns a stack: starts its programs in order, restarts what dies, stops all in reverse order."""

import fcntl
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import TextIO

from . import orphans, programs
from .control import Request, Say, answer, reachable
from .layout import Layout, StackError
from .postgres import create_cluster, create_database
from .process import Child, Program, process_state
from .programs import Settings
from .seed import seed_demo

START_DEADLINE = 30.0
STOP_DEADLINE = 35.0
"""Seconds; a service may take 30 to drain."""
ABORT_DEADLINE = 3.0
LARGEST_LOG = 32 << 20


def supervise(layout: Layout, owner: int | None) -> None:
    """Runs until `down`, SIGTERM, SIGINT, or the end of the process `owner`, whose stack leaves nothing behind."""
    layout.create()
    with take_lock(layout):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
        orphans.end(layout)
        Supervisor(layout).serve(lambda: owner is None or process_state(owner) is not None)


def take_lock(layout: Layout) -> TextIO:
    """The lock, held until this process ends. One that is leaving gets a moment; one that works keeps it."""
    lock = open(layout.lock, "w")
    deadline = time.monotonic() + 2
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if reachable(layout) or time.monotonic() > deadline:
                sys.exit(0)
        time.sleep(0.02)


class Supervisor:
    def __init__(self, layout: Layout):
        self._layout = layout
        self._children: dict[str, Child] = {}
        self._busy = threading.Lock()
        self._leaving = threading.Event()
        self._patience = STOP_DEADLINE
        self._settings: Settings | None = None
        self._mail_port = programs.free_port()
        self._any_port = programs.free_port()

    def serve(self, owned: Callable[[], bool]) -> None:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self._layout.control))
        os.chmod(self._layout.control, 0o600)
        listener.listen(64)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._leaving.set())
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        while owned() and not self._leaving.wait(0.5):
            self._bound_logs()
        self._leaving.set()
        with self._busy:
            self._stop_everything(self._patience if owned() else 0.0)
        self._layout.control.unlink(missing_ok=True)
        if not owned():
            self._layout.remove()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=answer, args=(connection, self._handle), daemon=True).start()

    def _handle(self, request: Request, say: Say) -> Request:
        try:
            return self._perform(request, say)
        except StackError:
            raise
        except Exception as error:
            traceback.print_exc()
            raise StackError(f"{type(error).__name__}: {error}; see {self._layout.log('supervisor')}") from error

    def _perform(self, request: Request, say: Say) -> Request:
        match request["command"]:
            case "status":
                return {"processes": [self._line(child) for child in list(self._children.values())]}
            case "signal":
                self._child(request["name"]).signal(request["signal"])
            case "up":
                with self._busy:
                    settings = Settings(**request["settings"])
                    self._up(replace(settings, port=settings.port or self._any_port), say)
            case "down":
                self._patience = 0.0 if request["now"] else STOP_DEADLINE
                self._leaving.set()
            case "stop":
                with self._busy:
                    self._stop([self._child(request["name"])], STOP_DEADLINE)
            case "start":
                with self._busy:
                    self._start([self._child(request["name"])])
            case "restart":
                with self._busy:
                    self._restart(request["name"])
        return {}

    def _up(self, settings: Settings, say: Say) -> None:
        fresh = not self._children
        try:
            self._require_port(settings.port)
            self._bring_up(settings, say)
        except Exception:
            if fresh:
                self._stop_everything(STOP_DEADLINE)
                self._leaving.set()
            raise

    def _bring_up(self, settings: Settings, say: Say) -> None:
        layout = self._layout
        everything = programs.services(layout, settings, self._mail_port)
        self._settings = settings
        say("PostgreSQL, Redis, mail")
        create_cluster(layout)
        self._reconcile(programs.infrastructure(layout, settings, self._mail_port))
        create_database(layout)
        say("migrations, demo data")
        self._migrate(settings)
        seed_demo(layout, f"http://127.0.0.1:{settings.port}")
        self._retire({program.name for program in everything}, settings)
        say("services")
        self._reconcile([program for program in everything if not program.name.startswith(programs.EDGE)])
        self._reconcile([program for program in everything if program.name.startswith(programs.EDGE)])
        if settings.device:
            say("virtual device")
        self._reconcile(programs.virtual_device(layout, settings))

    def _restart(self, name: str) -> None:
        """With the secrets as they are now."""
        self._stop([self._child(name)], STOP_DEADLINE)
        wanted = (
            *programs.infrastructure(self._layout, self._settings, self._mail_port),
            *programs.services(self._layout, self._settings, self._mail_port),
            *programs.virtual_device(self._layout, self._settings),
        )
        self._reconcile([program for program in wanted if program.name == name])

    def _reconcile(self, wanted: list[Program]) -> None:
        """Starts what is missing, and anew what has changed; returns when all are ready."""
        changed = []
        for program in wanted:
            child = self._children.get(program.name)
            if child and (child.program != program or child.outdated):
                changed.append(child)
        self._stop(changed, STOP_DEADLINE)
        for program in wanted:
            child = self._children.get(program.name)
            if child is None or child in changed:
                self._children[program.name] = Child(program, self._layout)
        self._start([self._children[program.name] for program in wanted])

    def _retire(self, services: set[str], settings: Settings) -> None:
        """Stops the replicas, and the device, that are no longer asked for."""
        kept = services | {"postgres", "redis", "mail"} | ({"virtual-device"} if settings.device else set())
        surplus = [child for name, child in self._children.items() if name not in kept]
        self._stop(surplus, STOP_DEADLINE)
        for child in surplus:
            del self._children[child.program.name]

    def _start(self, children: list[Child]) -> None:
        deadline = time.monotonic() + START_DEADLINE
        for child in children:
            child.start()
        for child in children:
            child.wait_ready(deadline, self._leaving)

    def _stop(self, children: list[Child], patience: float) -> None:
        """Without patience nothing is drained."""
        deadline = time.monotonic() + (patience or ABORT_DEADLINE)
        for child in children:
            child.ask_to_stop(child.program.stop_signal if patience else child.program.abort_signal)
        for child in children:
            child.await_stop(deadline)

    def _stop_everything(self, patience: float) -> None:
        """The device first, then the door, then the services, and what they stand on last."""
        def stage(name: str) -> int:
            if name == "virtual-device":
                return 0
            if name.startswith(programs.EDGE):
                return 1
            return 3 if name in ("postgres", "redis", "mail") else 2

        for number in range(4):
            self._stop([child for name, child in self._children.items() if stage(name) == number], patience)

    def _migrate(self, settings: Settings) -> None:
        command, environment = programs.migrator(self._layout, settings)
        with open(self._layout.log("migrator"), "ab") as log:
            start = log.tell()
            outcome = subprocess.run(
                command, env=environment, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=120)
        if outcome.returncode != 0:
            text = self._layout.log("migrator").read_bytes()[start:].decode(errors="replace").strip()
            raise StackError(f"the migrations failed (exit {outcome.returncode}):\n{text}")

    def _require_port(self, port: int) -> None:
        edge = self._children.get(programs.EDGE)
        if edge and edge.pid and dict(edge.program.environment)["PORT"] == str(port):
            return
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))
            except OSError as error:
                raise StackError(
                    f"port {port} cannot be used ({error.strerror}): choose another, such as PORT={port + 1}") from None

    def _child(self, name: str) -> Child:
        if name not in self._children:
            raise StackError(f"nothing is called {name}; there are {', '.join(self._children)}")
        return self._children[name]

    def _line(self, child: Child) -> Request:
        return {"name": child.program.name, "pid": child.pid, "state": child.state, "restarts": child.restarts}

    def _bound_logs(self) -> None:
        """Every process appends to its log, so a log that is cut goes on from its start."""
        for log in self._layout.logs.glob("*.log"):
            if log.stat().st_size > LARGEST_LOG:
                log.with_suffix(".log.1").write_bytes(log.read_bytes())
                os.truncate(log, 0)
