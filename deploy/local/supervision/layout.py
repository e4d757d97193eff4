"""Where everything of one stack lives."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

POSTGRES_ACCOUNT = "postgres"
LONGEST_DIRECTORY = 70
"""A unix socket's path ends at 107 bytes; this leaves room for the longest name below a stack's directory."""


class StackError(Exception):
    """Something the user can understand and mend; its text is the whole message."""


@dataclass(frozen=True)
class Layout:
    """The files and folders of the stack in `directory`."""

    directory: Path

    @classmethod
    def of(cls, directory: str) -> "Layout":
        return cls(Path(directory).absolute())

    @property
    def private(self) -> Path:
        """What PostgreSQL must reach (as its own account, when root runs the stack) and what holds sockets."""
        if len(str(self.directory)) <= LONGEST_DIRECTORY and _reachable_by_postgres(self.directory):
            return self.directory
        digest = hashlib.sha256(str(self.directory).encode()).hexdigest()[:12]
        return Path(f"/var/tmp/ebon-{os.getuid()}-{digest}")

    @property
    def sockets(self) -> Path:
        return self.private / "socket"

    @property
    def database(self) -> Path:
        return self.private / "postgres"

    @property
    def control(self) -> Path:
        return self.sockets / "control"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis"

    @property
    def mail(self) -> Path:
        return self.directory / "mail"

    @property
    def device(self) -> Path:
        return self.directory / "device"

    @property
    def credentials(self) -> Path:
        return self.directory / "secrets.env"

    @property
    def demo_environment(self) -> Path:
        return self.directory / "demo.env"

    @property
    def lock(self) -> Path:
        return self.directory / "supervisor.lock"

    @property
    def logs(self) -> Path:
        return self.directory / "log"

    @property
    def pids(self) -> Path:
        return self.directory / "pid"

    @property
    def ready(self) -> Path:
        return self.directory / "ready"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def pid_file(self, name: str) -> Path:
        return self.pids / name

    def ready_file(self, name: str) -> Path:
        return self.ready / f"{name}.json"

    def create(self) -> None:
        for folder in (self.directory, self.logs, self.pids, self.ready, self.device):
            folder.mkdir(parents=True, exist_ok=True)
        if self.private != self.directory:
            self.private.mkdir(mode=0o711, exist_ok=True)
            if self.private.stat().st_uid != os.getuid():
                raise StackError(f"{self.private} belongs to somebody else")
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        if os.getuid() == 0:
            # Root reaches it regardless; PostgreSQL must be able to put its socket there.
            shutil.chown(self.sockets, POSTGRES_ACCOUNT)

    def remove(self) -> None:
        for folder in {self.directory, self.private}:
            shutil.rmtree(folder, ignore_errors=True)


def _reachable_by_postgres(directory: Path) -> bool:
    if os.getuid() != 0:
        return True
    folders = [folder for folder in (directory, *directory.parents) if folder.exists()]
    return all(folder.stat().st_mode & 0o001 for folder in folders)
