"""Whether Prometheus sees what the alert rules and the dashboard ask for."""

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator

from .compose import DEPLOY, SERVICES, Project, eventually

DASHBOARD = DEPLOY / "observability/grafana/dashboards/ebon.json"
WINDOW = "1m"
EMPTY_IN_QUIET = {"Alerts of this system", "Device sockets that ended, by close code"}
"""Panels that may show nothing at the end of a good run."""


def start(project: Project) -> None:
    project.compose("--profile", "observe", "up", "-d", "--no-deps", "prometheus")
    eventually(lambda: _reached(project) >= set(SERVICES), 120, "Prometheus does not reach every service", pause=2)


def violations(project: Project) -> Iterator[str]:
    for group in _ask(project, "rules")["groups"]:
        for rule in group["rules"]:
            if rule["health"] != "ok":
                yield f"alert rule {rule['name']}: {rule['health']}, {rule.get('lastError', '')}"
            elif rule["state"] == "firing" and rule["labels"].get("severity") == "page":
                yield f"alert {rule['name']} fires: {rule['annotations'].get('summary', '')}"
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", []):
            expression = target["expr"].replace("$__rate_interval", WINDOW)
            if not _ask(project, "query", query=expression)["result"] and panel["title"] not in EMPTY_IN_QUIET:
                yield f"panel {panel['title']} shows nothing for {target['expr']}"


def _reached(project: Project) -> set[str]:
    try:
        targets = _ask(project, "targets")["activeTargets"]
    except OSError:
        return set()
    return {target["labels"]["service"] for target in targets if target["health"] == "up"}


def _ask(project: Project, path: str, **query: str) -> dict:
    port = project.values.get("PROMETHEUS_PORT", "9090")
    url = f"http://127.0.0.1:{port}/api/v1/{path}?{urllib.parse.urlencode(query)}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)["data"]
