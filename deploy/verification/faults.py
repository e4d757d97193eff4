"""What happens to the stack while it is under load: it is scaled, rolled, and killed container by container."""

from collections.abc import Iterator

from .compose import SERVICES, Failure, Project, eventually

REPLICAS = 3
MIGRATIONS = 5
STATEFUL = ("redis", "postgres")
PEERS = ("virtual-device", "mail-catcher")


def scaled(project: Project) -> Iterator[str]:
    """Scales each service to three replicas, one after the other; yields what was done."""
    for service in SERVICES:
        project.compose(
            "up", "-d", "--no-deps", "--no-recreate", "--scale", f"{service}={REPLICAS}", service)
        project.await_healthy(service, REPLICAS)
        yield f"{service} scaled to {REPLICAS}"


def migrated(project: Project) -> Iterator[str]:
    """Applies this version's migrations beside what runs, which may be older, and then finds nothing to do; Redis comes
    back with this version's rights."""
    project.upgrade()
    for _ in range(MIGRATIONS):
        project.compose("run", "--rm", "migrate")
    project.compose("up", "-d", "--no-deps", "--force-recreate", "redis")
    project.await_healthy("redis")
    yield f"migrated {MIGRATIONS} times, Redis replaced"


def rolled(project: Project) -> Iterator[str]:
    """Replaces each container of each service as an upgrade does."""
    for service in SERVICES:
        before = set(project.containers(service))
        project.roll(service)
        project.await_healthy(service, REPLICAS)
        if kept := before & set(project.containers(service)):
            raise Failure(f"{service}: {len(kept)} containers were not replaced")
        yield f"{service} rolled"


def killed(project: Project) -> Iterator[str]:
    """Kills the process in each container with SIGKILL, one after the other, and waits until it is back."""
    for service in (*SERVICES, *STATEFUL, *PEERS):
        for container in project.containers(service):
            kill(project, service, container)
        yield f"{service} killed, every container"


def kill(project: Project, service: str, container: str) -> None:
    """From inside, so that it is a crash to Docker and not an operator's wish: what runs is the child of its init."""
    restarts = project.inspect(container)[0]["RestartCount"]
    user = ["-u", "postgres"] if service == "postgres" else []
    project.docker("exec", *user, container, "sh", "-c", "kill -9 $(cat /proc/1/task/1/children)", check=False)
    eventually(
        lambda: project.inspect(container)[0]["RestartCount"] > restarts, 60, f"{service} did not start again")
    project.await_healthy(service)
