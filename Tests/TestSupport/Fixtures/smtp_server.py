"""An SMTP server that misbehaves in one way: smtp_server.py MODE DIRECTORY.

Writes its port to DIRECTORY/port, its certificate to DIRECTORY/certificate, and what it accepts to DIRECTORY/mail and
DIRECTORY/envelope; and the nth mail, as Python's parser of mails understands it, to DIRECTORY/parsed-n. The number of
connections stands in DIRECTORY/connections, that of mails whose last byte has come in DIRECTORY/received. A gated mode
waits until there is a DIRECTORY/gate.
"""

import asyncio
import email
import email.policy
import json
import os
import ssl
import subprocess
import sys

from aiosmtpd.smtp import SMTP, AuthResult

mode, directory = sys.argv[1:]


def write(name, content):
    path = os.path.join(directory, name)
    with open(path + ".new", "wb") as file:
        file.write(content)
    os.rename(path + ".new", path)


def parsed(content):
    message = email.message_from_bytes(content, policy=email.policy.SMTP)
    bodies = {part: message.get_body((part,)).get_content() for part in ("plain", "html") if message.get_body((part,))}
    fields = {name.lower(): str(value) for name, value in message.items()}
    defects = [str(defect) for part in message.walk() for defect in part.defects]
    return json.dumps({"fields": fields, "bodies": bodies, "defects": defects}).encode()


async def gate():
    while not os.path.exists(os.path.join(directory, "gate")):
        await asyncio.sleep(0.01)


class Handler:
    count = 0
    received = 0

    async def handle_MAIL(self, server, session, envelope, address, options):
        if mode == "mail-temporary":
            return "451 4.3.0 come back later"
        if mode == "one-mail" and getattr(session, "has_mailed", False):
            return "421 4.7.0 enough for one connection"
        session.has_mailed = True
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if mode == "rcpt-permanent" or mode == "rcpt-some" and address.startswith("refuse"):
            return "550 5.1.1 no such \x07user\x9b"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.received += 1
        write("received", str(self.received).encode())
        if mode == "drop-after-data" or mode == "drop-after-second-data" and self.received == 2:
            server.transport.abort()
            return "250 never sent"
        if mode == "data-temporary":
            return "452 4.2.2 mailbox full"
        if mode == "data-permanent":
            return "554-5.7.1 first line\r\n554 5.7.1 this is spam"
        write("envelope", "\n".join([envelope.mail_from, *envelope.rcpt_tos]).encode())
        write("mail", envelope.original_content)
        self.count += 1
        write(f"parsed-{self.count}", parsed(envelope.original_content))
        if mode == "gated-reply":
            await gate()
        if mode == "drop-after-mail":
            asyncio.get_running_loop().call_later(0.05, server.transport.abort)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"mailer", b"p@ss word"), handled=False)


def tls_context(name):
    key, certificate = os.path.join(directory, "key"), os.path.join(directory, "certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]
        + ["-subj", "/CN=mail", "-addext", f"subjectAltName={name}", "-keyout", key, "-out", certificate],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


class Server(SMTP):
    connections = 0

    def connection_made(self, transport):
        if self.session is None or self.session.ssl is None and self.transport is None:
            Server.connections += 1
            write("connections", str(Server.connections).encode())
        super().connection_made(transport)

    async def _handle_client(self):
        if mode == "gated-banner":
            await gate()
        if mode == "slow-banner":
            await asyncio.sleep(0.5)
        await super()._handle_client()


async def mute(reader, writer):
    await reader.read()


async def refuse(reader, writer):
    writer.write(b"554 no SMTP service here\r\n")
    await reader.read()
    writer.close()


def protocol():
    options = {}
    if mode in ("login", "secure-login"):
        options = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": mode == "secure-login"}
    if context:
        options |= {"tls_context": context, "require_starttls": True}
    return Server(handler, hostname="test", enable_SMTPUTF8=True, **options)


async def main():
    if mode in ("mute", "refuse"):
        server = await asyncio.start_server(mute if mode == "mute" else refuse, "127.0.0.1", 0)
    else:
        server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    write("port", str(server.sockets[0].getsockname()[1]).encode())
    await server.serve_forever()


handler = Handler()
names = {"tls": "IP:127.0.0.1", "secure-login": "IP:127.0.0.1", "tls-other": "DNS:mail.example.com"}
context = tls_context(names[mode]) if mode in names else None
asyncio.run(main())
