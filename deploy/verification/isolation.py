"""Who can reach what, and what a container may do."""

from collections.abc import Iterator

from .compose import SERVICES, Project

INSIDE = {"redis": 6379, "postgres": 5432, "gateway": 9001, "org-locations": 9000}


def violations(project: Project) -> Iterator[str]:
    for service in (*SERVICES, "redis", "postgres"):
        for container in project.inspect(*project.containers(service)):
            yield from _rights(service, container)
    image = project.inspect(project.containers("edge-router")[0])[0]["Image"]
    for host, port in INSIDE.items():
        probe = f"timeout 3 bash -c 'exec 3<>/dev/tcp/{host}/{port}'"
        network = f"{project.name}_outside"
        words = ["run", "--rm", "--network", network, "--entrypoint", "bash", image, "-c", f"{probe} && echo reached"]
        if "reached" in project.docker(*words, check=False):
            yield f"{host}:{port} can be reached from the network of the edge's clients"
    inside = project.inspect(project.containers("edge-router")[0])[0]
    if "reached" not in project.docker(
            "exec", inside["Id"], "bash", "-c", "timeout 3 bash -c 'exec 3<>/dev/tcp/redis/6379' && echo reached"):
        yield "the edge cannot reach Redis by the same probe: the probe proves nothing"


def _rights(service: str, container: dict) -> Iterator[str]:
    name, host = container["Name"], container["HostConfig"]
    ports = [port for port, bound in (container["NetworkSettings"]["Ports"] or {}).items() if bound]
    if (service == "edge-router") != (ports == ["8080/tcp"]):
        yield f"{name} publishes {ports or 'nothing'}"
    if not host["ReadonlyRootfs"]:
        yield f"{name} can write its root"
    if host["CapDrop"] != ["ALL"] or host["CapAdd"] and service != "postgres":
        yield f"{name} has capabilities: without {host['CapDrop']}, with {host['CapAdd']}"
    if container["Config"]["User"] in ("", "0", "root") and service != "postgres":
        yield f"{name} runs as root"
    if not host["Memory"]:
        yield f"{name} has no limit of memory"
    if not host["Init"]:
        yield f"{name} has no init"
    limits = {limit["Name"]: limit["Soft"] for limit in host["Ulimits"] or []}
    if service in SERVICES and limits.get("nofile") != 20000:
        yield f"{name} may open {limits.get('nofile')} files"


def starts_without(project: Project, name: str) -> Iterator[str]:
    """A secret that is missing stops the start with a message that names it."""
    kept = project.file.read_text()
    try:
        project.file.write_text("".join(line for line in kept.splitlines(True) if not line.startswith(f"{name}=")))
        outcome = project.compose("config", "-q", check=False)
    finally:
        project.file.write_text(kept)
    if outcome.returncode == 0 or f"{name} is missing" not in outcome.stderr.decode():
        yield f"without {name} the stack starts, or does not say why not"
