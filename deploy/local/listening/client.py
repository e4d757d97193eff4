"""A client of event sockets as small as can be."""

import base64
import json
import secrets
import socket
import struct
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
SILENCE = 60.0
"""Seconds; the cloud pings every 25."""


class Refused(Exception):
    """The handshake was answered in a way that another attempt does not change."""


class Closed(ConnectionError):
    """The cloud has closed the socket, and said why."""


def listen(url: str, key: str, since: str | None = None, silence: float = SILENCE) -> Iterator[tuple[dict, str]]:
    """The frames of an event socket and their texts, pings aside, until it ends: by an OSError, such as Closed."""
    with _connect(url, key, since, silence) as connection:
        for opcode, payload in _frames(connection):
            if opcode == PING:
                _pong(connection, payload)
            elif opcode == CLOSE:
                code = struct.unpack("!H", payload[:2])[0] if len(payload) > 1 else 1005
                raise Closed(f"closed: {code} {payload[2:].decode()}")
            elif opcode == TEXT:
                frame = json.loads(payload)
                if frame["type"] not in ("ping", "pong"):
                    yield frame, payload.decode()
    raise ConnectionError("the connection ended")


def _connect(url: str, key: str, since: str | None, silence: float) -> socket.socket:
    address = urlsplit(url)
    query = urlencode({"subscribe": "events"} | ({"since": since} if since else {}))
    connection = socket.create_connection((address.hostname, address.port or 80), timeout=silence)
    nonce = base64.b64encode(secrets.token_bytes(16)).decode()
    connection.sendall(
        f"GET /ws?{query} HTTP/1.1\r\nHost: {address.netloc}\r\nx-api-key: {key}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {nonce}\r\n\r\n".encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        if not (byte := connection.recv(1)):
            raise ConnectionError("closed during the handshake")
        head += byte
    status = head.split(b"\r\n", 1)[0].decode()
    if " 101 " not in status:
        error = Refused if " 4" in status and " 429 " not in status else ConnectionError
        raise error(f"{status}\n{connection.recv(65536).decode(errors='replace')}")
    return connection


def _frames(connection: socket.socket) -> Iterator[tuple[int, bytes]]:
    with connection.makefile("rb") as stream:
        while len(head := stream.read(2)) == 2:
            length = head[1] & 127
            if length > 125:
                length = int.from_bytes(stream.read(2 if length == 126 else 8), "big")
            yield head[0] & 15, stream.read(length)


def _pong(connection: socket.socket, payload: bytes) -> None:
    mask = secrets.token_bytes(4)
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    connection.sendall(bytes([128 | PONG, 128 | len(payload)]) + mask + masked)
