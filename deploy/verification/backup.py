"""Backup and restore as deploy/README.md has them, into a new cluster, and whether everything goes on there."""

import json
import secrets
from collections.abc import Generator, Iterator

from listening.client import listen

from .books import prints
from .clients import Answers, Client
from .compose import SERVICES, Failure, Project, eventually
from .load import RECEIPT
from .world import DEVICES, World

COUNTED = """
    SELECT format('SELECT %L, count(*) FROM %I.%I', schemaname || '.' || tablename, schemaname, tablename)
    FROM pg_tables WHERE schemaname IN ('org', 'gateway', 'dispatch', 'alerts', 'billing', 'mailer', 'bus')
    ORDER BY schemaname, tablename
"""


def violations(project: Project, world: World, last_event: str) -> Iterator[str]:
    """`last_event` is one that a listener has seen before the dump; what came after it is to be replayed."""
    project.compose("--profile", "dev", "stop", "-t", "35", "virtual-device")
    waiting = yield from _ordered(project, world)
    project.compose("stop", "-t", "35", *SERVICES)
    dump = project.compose("exec", "-T", "postgres", "pg_dump", "-U", "ebon", "-Fc", "ebon").stdout
    before = _counts(project)
    _start(project)
    eventually(lambda: prints(project)[waiting] == 1, 60, "what was waiting is not printed")
    project.compose("--profile", "dev", "stop", "-t", "35", *SERVICES, "virtual-device")
    project.compose("--profile", "dev", "rm", "-s", "-f", "-v", "postgres", "migrate")
    project.docker("volume", "rm", f"{project.name}_postgres")
    project.compose("up", "-d", "postgres")
    project.await_healthy("postgres")
    project.compose("run", "--rm", "migrate", "--roles")
    restore = ["pg_restore", "-U", "ebon", "-d", "ebon", "--single-transaction"]
    project.compose("exec", "-T", "postgres", *restore, input=dump)
    after = _counts(project)
    yield from (f"{table}: {count} rows before, {after.get(table)} restored"
                for table, count in before.items() if after.get(table) != count)
    _start(project)
    yield from _fate(project, waiting)
    yield from _life(project, world, last_event)


def _start(project: Project) -> None:
    project.up(**{service: 1 for service in SERVICES})
    for service in (*SERVICES, "virtual-device"):
        project.await_healthy(service)


def _fate(project: Project, command: str) -> Iterator[str]:
    """What a backup holds as waiting, and was printed after it, is asked for, and has its receipt."""
    statement = f"""
        SELECT outcome, (SELECT count(*) FROM dispatch.receipts r WHERE r.command_id = c.command_id)
        FROM dispatch.commands c WHERE command_id = '{command}'
    """
    try:
        eventually(lambda: project.sql(statement) == [["executed", "1"]], 60, "")
    except Failure:
        yield f"{command} was printed after the backup, and is now {project.sql(statement)}"
    if prints(project)[command] != 1:
        yield f"{command} is on {prints(project)[command]} papers"


def _counts(project: Project) -> dict[str, str]:
    statements = [row[0] for row in project.sql(COUNTED)]
    return dict(project.sql(" UNION ALL ".join(statements)))


def _ordered(project: Project, world: World) -> Generator[str, None, str]:
    answers = Answers()
    client = Client(project.edges, answers, {"x-api-key": world.api_key})
    key = {"Idempotency-Key": secrets.token_hex(12)}
    body = json.dumps(RECEIPT).encode()
    answer = client.insist("POST", f"/api/v1/devices/{DEVICES[0]}/commands", body, {201}, lambda: key, {409})
    yield from answers.violations
    if not answer:
        raise Failure("nobody takes an order")
    return answer[1]["id"]


def _life(project: Project, world: World, last_event: str) -> Iterator[str]:
    """An order that is printed, heard of live by one who comes back, and mailed."""
    command = yield from _ordered(project, world)
    eventually(lambda: prints(project)[command] == 1, 60, "nothing is printed after the restore")
    for edge in project.edges:
        try:
            for frame, _ in listen(edge, world.api_key, last_event, 30):
                if frame["type"] == "command.completed" and frame["data"]["commandId"] == command:
                    break
            break
        except ConnectionRefusedError:
            continue
        except OSError as error:
            yield f"a listener does not hear of what is printed after the restore: {error}"
    late = project.sql("""
        SELECT c.consumer FROM bus.cursor c WHERE EXISTS (
            SELECT FROM bus.outbox o
            WHERE (o.xid, o.id) > (c.xid, c.id) AND o.created_at < now() - interval '20 seconds')
    """)
    yield from (f"{row[0]} does not handle events after the restore" for row in late)
