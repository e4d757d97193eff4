"""What a stack consists of, in the order of start."""

import os
import random
import socket
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .credentials import REDIS_USERS, STRIPE_PRICES, credentials, read_environment, redis_password, redis_url
from .layout import Layout, StackError
from .postgres import OWNER, database_url, postgres_program
from .process import Program

REPOSITORY = Path(__file__).resolve().parents[3]
PASSED_THROUGH = (
    "RATE_LIMIT_", "STRIPE_", "VIRTUAL_DEVICE_", "SMTP_", "MAIL_", "PORTAL_URL", "LOG_LEVEL", "TRUSTED_PROXIES",
    "EVENT_SOCKETS",
)
"""Variables of the caller's environment that reach the services."""

EDGE = "edge-router"
SERVICES = {
    "org-locations": "ebon_org",
    "gateway": "ebon_gateway",
    "command-dispatcher": "ebon_dispatch",
    "alerts-engine": "ebon_alerts",
    "billing-webhooks": "ebon_billing",
    "notification-mailer": "ebon_mailer",
    EDGE: None,
}
"""The services with their database roles."""
WITH_CALLERS = set(SERVICES) - {"notification-mailer"}
"""Who vouches for callers or must believe in them."""


@dataclass(frozen=True)
class Settings:
    """What `up` was asked for."""

    build: str
    port: int
    scale: dict[str, int] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    device: bool = True
    durable: bool = True

    def as_json(self) -> dict:
        return asdict(self)


def free_port() -> int:
    """A port that nobody uses, below those that the kernel gives to outgoing connections: it stays free for a restart."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def executable_name(service: str) -> str:
    return "".join(word.capitalize() for word in service.split("-"))


def executable(settings: Settings, name: str) -> str:
    path = Path(settings.build) / name
    if not os.access(path, os.X_OK):
        raise StackError(f"{path} is missing: build first (make run and make up do)")
    return str(path)


def infrastructure(layout: Layout, settings: Settings, mail_port: int) -> list[Program]:
    catcher = REPOSITORY / "deploy/local/mailcatcher"
    return [
        postgres_program(layout, settings.durable),
        _redis(layout),
        Program(
            "mail", (str(catcher), str(mail_port), str(layout.mail)), answers=lambda: _listens(mail_port)),
    ]


def _redis(layout: Layout) -> Program:
    """The deployment's, with its users and their rights, on a socket."""
    command = (
        "/bin/sh", str(REPOSITORY / "deploy/redis/start"), "--port", "0", "--unixsocket", str(layout.redis_socket),
        "--unixsocketperm", "700", "--dir", str(layout.sockets),
    )
    passwords = {redis_password(user): credentials(layout)[redis_password(user)] for user in REDIS_USERS}
    environment = {**_inherited(), **passwords, "REDIS_USERS": str(layout.sockets / "users.acl")}
    return Program("redis", command, tuple(sorted(environment.items())), answers=lambda: _redis_answers(layout))


def migrator(layout: Layout, settings: Settings) -> tuple[list[str], dict[str, str]]:
    environment = _common(settings) | {
        "DATABASE_URL": database_url(layout, OWNER),
        "MIGRATIONS": str(REPOSITORY),
    }
    return [executable(settings, "Migrator")], environment


def services(layout: Layout, settings: Settings, mail_port: int) -> list[Program]:
    """Every replica of every service; the edge last, because it is the door."""
    unknown = set(settings.scale) - set(SERVICES)
    if unknown:
        raise StackError(f"no service is called {', '.join(sorted(unknown))}; there are {', '.join(SERVICES)}")
    return [
        _service(layout, settings, mail_port, service, number)
        for service in SERVICES
        for number in range(1, settings.scale.get(service, 1) + 1)
    ]


def virtual_device(layout: Layout, settings: Settings) -> list[Program]:
    if not settings.device:
        return []
    demo = read_environment(layout.demo_environment)
    environment = {
        "EBON_URL": demo["EBON_URL"],
        "EBON_API_KEY": demo["EBON_API_KEY"],
        "VIRTUAL_DEVICE_ID": demo["EBON_DEVICE"],
        "VIRTUAL_DEVICE_DIR": str(layout.device),
        "READY_FILE": str(layout.ready_file("virtual-device")),
        **_inherited(),
        **settings.environment,
    }
    return [_program("virtual-device", executable(settings, "VirtualDevice"), environment)]


def _service(layout: Layout, settings: Settings, mail_port: int, service: str, number: int) -> Program:
    name = service if number == 1 else f"{service}-{number}"
    role = SERVICES[service]
    environment = {
        "REDIS_URL": redis_url(layout, service),
        "INTERNAL_PORT": "0",
        "READY_FILE": str(layout.ready_file(name)),
        **({"DATABASE_URL": database_url(layout, role)} if role else {}),
        **({"EBON_CALLER_SECRET": credentials(layout)["EBON_CALLER_SECRET"]} if service in WITH_CALLERS else {}),
        **_particular(layout, settings, mail_port, service, number),
        **_common(settings),
    }
    return _program(name, executable(settings, executable_name(service)), environment)


def _particular(layout: Layout, settings: Settings, mail_port: int, service: str, number: int) -> dict[str, str]:
    """The variables of one service. The first edge has the stack's port; further ones say theirs in `status`."""
    secret = credentials(layout)
    match service:
        case "edge-router":
            return {
                "PORT": str(settings.port if number == 1 else 0),
                "EBON_JWT_SECRET": secret["EBON_JWT_SECRET"],
            }
        case "org-locations":
            return {
                "EBON_JWT_SECRET": secret["EBON_JWT_SECRET"],
                "EBON_LINK_SECRET": secret["EBON_LINK_SECRET"],
            }
        case "gateway":
            return {
                "SOCKET_PORT": "0",
                "EBON_JWT_SECRET": secret["EBON_JWT_SECRET"],
            }
        case "billing-webhooks":
            return {
                "STRIPE_WEBHOOK_SECRET": secret["STRIPE_WEBHOOK_SECRET"],
                "STRIPE_PRICE_PRO": STRIPE_PRICES["pro"],
                "STRIPE_PRICE_ENTERPRISE": STRIPE_PRICES["enterprise"],
            }
        case "notification-mailer":
            return {
                "SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
                "MAIL_FROM": "e-bon <no-reply@e-bon.example>",
                "PORTAL_URL": "https://portal.e-bon.example",
                "EBON_LINK_SECRET": secret["EBON_LINK_SECRET"],
            }
        case _:
            return {}


def _common(settings: Settings) -> dict[str, str]:
    """What every service gets. The device's variables are not for them: a change of those restarts the device only."""
    passed = {name: value for name, value in settings.environment.items() if not name.startswith("VIRTUAL_DEVICE_")}
    return _inherited() | passed


def _inherited() -> dict[str, str]:
    return {name: value for name in ("PATH", "HOME", "LANG") if (value := os.environ.get(name))}


def _program(name: str, command: str, environment: dict[str, str]) -> Program:
    return Program(name, (command,), tuple(sorted(environment.items())))


def _redis_answers(layout: Layout) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(layout.redis_socket))
            connection.sendall(b"PING\r\n")
            # Without a user the server says no more than that it is there.
            return connection.recv(16).startswith(b"-NOAUTH")
    except OSError:
        return False


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            return connection.recv(3) == b"220"
    except OSError:
        return False
