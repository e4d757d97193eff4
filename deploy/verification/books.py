"""What must be true in the end: the registers' memory, the database, the listeners and the clients tell one story."""

import json
from collections import Counter
from collections.abc import Iterator

from .clients import Answers, Client
from .compose import SERVICES, Project, eventually
from .load import Load
from .world import World

SETTLED_WITHIN = 240.0
"""Seconds: no command is open for longer than 180."""


def settle(project: Project, load: Load) -> None:
    """Waits until nothing is under way: every command has ended, every listener has heard so, every mail is out."""
    eventually(
        lambda: project.sql("SELECT count(*) FROM dispatch.commands WHERE status IN ('pending', 'sent')") == [["0"]],
        SETTLED_WITHIN, "commands are still open", pause=1)
    eventually(
        lambda: all(set(load.accepted) <= one.finished for one in load.listened), 60,
        "listeners have not heard of the end of every command", pause=1)
    eventually(
        lambda: project.sql("SELECT count(*) FROM mailer.jobs WHERE status = 'pending'") == [["0"]], 60,
        "mails are still waiting", pause=1)


def violations(project: Project, world: World, load: Load, answers: Answers) -> Iterator[str]:
    yield from answers.violations
    yield from _commands(project, load)
    yield from _listeners(load)
    yield from _webhooks(project, world, load)
    yield from _mails(project, world)
    yield from _containers(project)


def _commands(project: Project, load: Load) -> Iterator[str]:
    rows = project.sql("""
        SELECT c.command_id, c.device_id, c.status, coalesce(c.outcome, '-'), count(r.receipt_id)
        FROM dispatch.commands c LEFT JOIN dispatch.receipts r ON r.command_id = c.command_id
        WHERE c.type = 'print_receipt' AND c.device_id LIKE 'dev_verify_%' GROUP BY c.command_id
    """)
    stored = {command: (device, status, outcome, int(receipts)) for command, device, status, outcome, receipts in rows}
    printed = prints(project)
    for command, device in load.accepted.items():
        if stored.get(command, ("",))[0] != device:
            yield f"{command} was accepted and is not in the database"
    for command in set(stored) - set(load.accepted):
        yield f"{command} is in the database, and no client has its answer"
    for command, (_, status, outcome, receipts) in stored.items():
        times = printed[command]
        if times > 1:
            yield f"{command} was printed {times} times"
        if status in ("pending", "sent") or outcome == "unknown":
            yield f"{command} has not ended: {status}, {outcome}"
        if (times == 1) != (outcome == "executed") or receipts != times:
            yield f"{command}: printed {times} times, {status}, {outcome}, {receipts} receipts"
    for command in set(printed) - set(stored):
        yield f"{command} was printed and never ordered"
    repeated = project.sql("""
        SELECT data ->> 'commandId', type, count(*) FROM bus.outbox
        WHERE type IN ('command.completed', 'receipt.created')
        GROUP BY data ->> 'commandId', data ->> 'receiptId', type HAVING count(*) > 1
    """)
    yield from (f"{' '.join(row)} times in the outbox" for row in repeated)


def prints(project: Project) -> Counter[str]:
    """How often each command came out of a register, by the registers' own memory."""
    lines = project.read("virtual-device", "cat", "/demonstration/device/fiscal-memory.jsonl").splitlines()
    records = [json.loads(line) for line in lines]
    return Counter(record["id"] for record in records if record["command"] == "print_receipt")


def _listeners(load: Load) -> Iterator[str]:
    first = load.listened[0].events
    for number, one in enumerate(load.listened, 1):
        if len(set(one.events)) != len(one.events):
            yield f"listener {number} has seen events twice"
        if missing := set(load.accepted) - one.finished:
            yield f"listener {number} has not heard of the end of {len(missing)} commands"
        if one.events != first:
            yield f"listener {number} has seen {len(one.events)} events, and the first {len(first)}, or in another order"


def _webhooks(project: Project, world: World, load: Load) -> Iterator[str]:
    known = {row[0]: row[1] for row in project.sql("SELECT event_id, outcome FROM billing.stripe_events")}
    plans = {project.values["STRIPE_PRICE_PRO"]: "pro", project.values["STRIPE_PRICE_ENTERPRISE"]: "enterprise"}
    for organization, events in load.delivered.items():
        for event, _ in events:
            if known.get(event) not in ("applied", "stale"):
                yield f"{event} was thanked for and is {known.get(event, 'not stored')}"
        answers = Answers()
        shown = Client(project.edges, answers, {"x-api-key": world.payers[organization]}).get("/api/v1/me")
        expected = plans[events[-1][1]]
        if not shown or shown["plan"] != expected:
            yield f"{organization} has {shown and shown['plan']}, and has paid for {expected}"


def _mails(project: Project, world: World) -> Iterator[str]:
    """One for each change of a plan. A mailer that dies after a mail's last byte sends it again under the same id, and
    nobody can know whether it had to: so ids count."""
    told = dict(project.sql(
        "SELECT org_id, count(*) FROM bus.outbox WHERE type = 'billing.plan_changed' GROUP BY org_id"))
    heads = project.read("mail-catcher", "sh", "-c", "cd /demonstration/mail/new && grep -hEi '^(To|Message-ID):' *")
    mails: dict[str, set[str]] = {}
    recipient = identifier = ""
    for line in heads.splitlines():
        name, value = line.split(":", 1)
        recipient, identifier = (value.strip(), identifier) if name.lower() == "to" else (recipient, value.strip())
        if recipient and identifier:
            mails.setdefault(recipient, set()).add(identifier)
            recipient = identifier = ""
    for payer in world.payers:
        count = len(mails.get(f"{payer}@e-bon.example", ()))
        if count != int(told.get(payer, 0)):
            yield f"{payer}: {told.get(payer, 0)} plan changes and {count} mails"


def _containers(project: Project) -> Iterator[str]:
    for service in (*SERVICES, "redis", "postgres"):
        for container in project.inspect(*project.containers(service)):
            state = container["State"]
            if not state["Running"] or state["OOMKilled"]:
                yield f"{container['Name']}: {state['Status']}, out of memory: {state['OOMKilled']}"
    refusals = project.read(
        "redis", "redis-cli", "--no-auth-warning", "--user", "operator",
        "--pass", project.values["REDIS_PASSWORD_OPERATOR"], "acl", "log").strip()
    if refusals:
        yield f"Redis has refused something:\n{refusals}"
    logs = project.compose("--profile", "dev", "logs", "--no-color").stdout.decode(errors="replace")
    for name, value in project.values.items():
        if ("SECRET" in name or "PASSWORD" in name) and value in logs:
            yield f"the logs show {name}"
