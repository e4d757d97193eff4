"""The wire between the command line and a stack's supervisor: one JSON line asks, JSON lines answer, the last says `ok`."""

import fcntl
import json
import socket
from collections.abc import Callable
from typing import Any

from .layout import Layout, StackError

Request = dict[str, Any]
Say = Callable[[str], None]


def supervised(layout: Layout) -> bool:
    """True while a supervisor lives: it holds the lock until its death."""
    try:
        with open(layout.lock) as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def reachable(layout: Layout) -> bool:
    """True when a supervisor takes requests; right after a start the socket of a dead one may still lie there."""
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(str(layout.control)) == 0


def ask(layout: Layout, request: Request, say: Say = print) -> Request:
    """The supervisor's last answer; its progress goes to `say`. Raises StackError when it refuses or is gone."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(layout.control))
            connection.sendall(json.dumps(request).encode() + b"\n")
            for line in connection.makefile("r"):
                answer = json.loads(line)
                if "ok" not in answer:
                    say(answer["progress"])
                elif answer["ok"]:
                    return answer
                else:
                    raise StackError(answer["error"])
    except (ConnectionError, FileNotFoundError):
        pass
    raise StackError(f"the supervisor is gone; see {layout.log('supervisor')}")


def answer(connection: socket.socket, handle: Callable[[Request, Say], Request]) -> None:
    """Serves one request. A client that has left does not stop what it asked for."""

    def send(line: Request) -> None:
        try:
            connection.sendall(json.dumps(line).encode() + b"\n")
        except OSError:
            pass

    with connection:
        try:
            line = connection.makefile("r").readline()
            if not line:
                return
            request = json.loads(line)
            send(handle(request, lambda text: send({"progress": text})) | {"ok": True})
        except StackError as error:
            send({"ok": False, "error": str(error)})
