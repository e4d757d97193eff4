"""The stack under test: a Compose project of its own, with an environment of its own, beside the operator's."""

import json
import os
import re
import secrets
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from supervision.credentials import write_environment

DEPLOY = Path(__file__).resolve().parents[1]
SERVICES = (
    "edge-router", "org-locations", "gateway", "command-dispatcher", "alerts-engine", "billing-webhooks",
    "notification-mailer",
)
VERSION, VERSION_BEFORE = "verify", "verify-before"
"""Tags of images that no other project uses."""
EDGES = 3
HEALTHY_WITHIN = 120.0
"""Seconds."""


class Failure(Exception):
    """The stack does not do what is needed to go on."""


def environment(folder: Path, devices: str) -> dict[str, str]:
    """What deploy/.env.example asks for, with secrets that nobody has used before, limits that no load meets, and a
    virtual register for each of `devices`."""
    text = (DEPLOY / ".env.example").read_text()
    empty = re.findall(r"^([A-Z_]+)=$", text, re.MULTILINE)
    port = _free_ports(EDGES)
    values = {name: secrets.token_hex(32) for name in empty} | {
        "COMPOSE_PROJECT_NAME": "ebon-verify",
        "EBON_VERSION": VERSION,
        "OUTSIDE_PREFIX": "10.213.251",
        "EDGE_ADDRESS": "127.0.0.1",
        "EDGE_PORT": f"{port}-{port + EDGES - 1}",
        "STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(24)}",
        "STRIPE_PRICE_PRO": "price_verify_pro",
        "STRIPE_PRICE_ENTERPRISE": "price_verify_enterprise",
        "SMTP_URL": "smtp://mail-catcher:2525",
        "MAIL_FROM": "e-bon <no-reply@e-bon.example>",
        "PORTAL_URL": "https://portal.e-bon.example",
        "VIRTUAL_DEVICE_ID": devices,
        "VIRTUAL_DEVICE_QUIET": "true",
    } | {f"RATE_LIMIT_{bucket}": "1000000/600" for bucket in ("GLOBAL", "AUTH", "COMMANDS")}
    write_environment(folder / "verify.env", values)
    return values


def _free_ports(number: int) -> int:
    """The first of as many ports in a row that nobody listens on."""
    for first in range(20080, 32000, number):
        try:
            for port in range(first, first + number):
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
    raise Failure("no free ports between 20080 and 32000")


class Project:
    """Compose and Docker, as an operator calls them."""

    def __init__(self, folder: Path, devices: str):
        self.values = environment(folder, devices)
        self.file = folder / "verify.env"
        self.settings = {**_bare(), "COMPOSE_ENV_FILES": str(self.file), "COMPOSE_PROJECT_NAME": self.name}
        version = subprocess.run(["docker", "compose", "version"], capture_output=True, env=self.settings)
        self._program = ["docker", "compose"] if version.returncode == 0 else ["docker-compose"]
        self._deploy = DEPLOY

    @property
    def name(self) -> str:
        return self.values["COMPOSE_PROJECT_NAME"]

    @property
    def edges(self) -> list[str]:
        first, last = (int(port) for port in self.values["EDGE_PORT"].split("-"))
        return [f"http://127.0.0.1:{port}" for port in range(first, last + 1)]

    def compose(self, *words: str, input: bytes | None = None, timeout: float = 600,
                check: bool = True) -> subprocess.CompletedProcess:
        where = ["--env-file", str(self.file), "-f", str(self._deploy / "compose.yaml")]
        return self._run([*self._program, *where, *words], input, timeout, check)

    def go_back(self, commit: str) -> None:
        """What is built and started until `upgrade` comes from `commit`, with its own compose file."""
        source = self.file.parent / "before"
        source.mkdir()
        archive = self._run(["git", "-C", str(DEPLOY.parent), "archive", commit], None, 60, True).stdout
        self._run(["tar", "-x", "-C", str(source)], archive, 60, True)
        self._take(source / "deploy", VERSION_BEFORE)

    def upgrade(self) -> None:
        """What is started from now on is of this version."""
        self._take(DEPLOY, VERSION)

    def _take(self, deploy: Path, version: str) -> None:
        self._deploy = deploy
        self.values["EBON_VERSION"] = version
        write_environment(self.file, self.values)

    def docker(self, *words: str, timeout: float = 120, check: bool = True) -> str:
        return self._run(["docker", *words], None, timeout, check).stdout.decode()

    def build(self) -> None:
        self.compose("--profile", "dev", "build", timeout=3600)

    def roll(self, service: str) -> None:
        self._run([str(DEPLOY / "roll"), service], None, 600, True)

    def _run(self, command: list[str], input: bytes | None, timeout: float, check: bool) -> subprocess.CompletedProcess:
        outcome = subprocess.run(
            command, input=input, stdin=subprocess.DEVNULL if input is None else None, capture_output=True,
            timeout=timeout, env=self.settings)
        if check and outcome.returncode != 0:
            text = outcome.stderr.decode(errors="replace").strip().splitlines()[-12:]
            raise Failure(f"{' '.join(command[-4:])} ended with {outcome.returncode}:\n" + "\n".join(text))
        return outcome

    def up(self, *services: str, **scale: int) -> None:
        """Starts what is missing, and as many replicas of a service as are named."""
        counts = [word for service, count in scale.items() for word in ("--scale", f"{service}={count}")]
        try:
            self.compose("--profile", "dev", "up", "-d", *counts, *services)
        except Failure as failure:
            said = self.compose("logs", "--no-color", "--tail", "20", "migrate", check=False).stdout.decode()
            raise Failure(f"{failure}\n{said}") from None

    def containers(self, service: str) -> list[str]:
        return self.compose("--profile", "dev", "ps", "-q", service).stdout.decode().split()

    def inspect(self, *containers: str) -> list[dict]:
        return json.loads(self.docker("inspect", *containers)) if containers else []

    def await_healthy(self, service: str, count: int | None = None) -> None:
        """Waits until as many containers of the service run, and all that have a health check pass it."""
        def is_healthy() -> bool:
            states = [container["State"] for container in self.inspect(*self.containers(service))]
            enough = len(states) >= 1 if count is None else len(states) == count
            return enough and all(
                state["Running"] and state.get("Health", {}).get("Status", "healthy") == "healthy" for state in states)

        eventually(is_healthy, HEALTHY_WITHIN, f"{service} did not become healthy")

    def sql(self, statement: str) -> list[list[str]]:
        """Runs SQL as the database's owner; the rows of what it selects."""
        psql = ["psql", "-U", "ebon", "-d", "ebon", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        text = self.compose("exec", "-T", "postgres", *psql, input=statement.encode()).stdout.decode()
        return [line.split("|") for line in text.splitlines()]

    def read(self, service: str, *command: str) -> str:
        return self.compose("exec", "-T", service, *command).stdout.decode()

    def remove(self) -> None:
        self.compose(
            "--profile", "dev", "--profile", "observe", "down", "--volumes", "--remove-orphans", "-t", "5", check=False)


def _bare() -> dict[str, str]:
    """The caller's environment without what would reach the stack's file instead of its own settings."""
    kept = ("PATH", "HOME", "LANG", "DOCKER_", "COMPOSE_DOCKER_CLI_BUILD", "COMPOSE_PARALLEL_LIMIT", "BUILDKIT_")
    return {name: value for name, value in os.environ.items() if name.startswith(kept)}


def eventually(holds: Callable[[], bool], within: float, otherwise: str, pause: float = 0.5) -> None:
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            raise Failure(otherwise)
        time.sleep(pause)
