"""Whether Prometheus sees what the alert rules and the dashboard ask for."""

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator

from .compose import DEPLOY, SERVICES, Project, eventually

DASHBOARD = DEPLOY / "observability/grafana/dashboards/ebon.json"
WINDOW = "1m"


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
    empty = []
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", []):
            expression = target["expr"].replace("$__rate_interval", WINDOW)
            if not _ask(project, "query", query=expression)["result"]:
                empty.append(panel["title"])
    if empty:
        print("  without data:", "; ".join(sorted(set(empty))))


def _reached(project: Project) -> set[str]:
    targets = _ask(project, "targets")["activeTargets"]
    return {target["labels"]["service"] for target in targets if target["health"] == "up"}


def _ask(project: Project, path: str, **query: str) -> dict:
    port = project.values.get("PROMETHEUS_PORT", "9090")
    url = f"http://127.0.0.1:{port}/api/v1/{path}?{urllib.parse.urlencode(query)}"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]
    except OSError:
        return {"activeTargets": [], "groups": [], "result": []}
