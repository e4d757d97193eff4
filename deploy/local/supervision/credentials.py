"""The secrets of one stack: made once, kept in a file that only its owner reads."""

import ctypes
import hashlib
import os
import secrets
import shlex
from pathlib import Path

from .layout import Layout

REDIS_USERS = (
    "edge-router", "org-locations", "gateway", "command-dispatcher", "alerts-engine", "billing-webhooks",
    "notification-mailer", "operator", "owner",
)
"""Those of deploy/redis/start, and the local stack's own with every right."""
STRIPE_PRICES = {"pro": "price_demo_pro", "enterprise": "price_demo_enterprise"}


def redis_password(user: str) -> str:
    """The variable that holds the password of a Redis user."""
    return f"REDIS_PASSWORD_{user.upper().replace('-', '_')}"


_SECRETS = {
    "EBON_JWT_SECRET": lambda: secrets.token_hex(32),
    "EBON_CALLER_SECRET": lambda: secrets.token_hex(32),
    "EBON_LINK_SECRET": lambda: secrets.token_hex(32),
    "STRIPE_WEBHOOK_SECRET": lambda: f"whsec_{secrets.token_hex(24)}",
} | {redis_password(user): lambda: secrets.token_hex(32) for user in REDIS_USERS}


def read_environment(file: Path) -> dict[str, str]:
    """The variables of a file of shell assignments."""
    words = shlex.split(file.read_text(), comments=True)
    return dict(word.split("=", 1) for word in words)


def write_environment(file: Path, values: dict[str, str]) -> None:
    """Writes shell assignments, readable by nobody else, replacing the file at once."""
    draft = file.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items()))
    draft.rename(file)


def credentials(layout: Layout) -> dict[str, str]:
    """What the services of this stack sign and check with. What an older stack lacks is added."""
    known = read_environment(layout.credentials) if layout.credentials.exists() else {}
    missing = {name: make() for name, make in _SECRETS.items() if name not in known}
    if missing:
        write_environment(layout.credentials, known | missing)
    return known | missing


def redis_url(layout: Layout, user: str) -> str:
    return f"unix://{user}:{credentials(layout)[redis_password(user)]}@{layout.redis_socket}"


def new_api_key(organization: str) -> str:
    return f"ebon_live_{organization}_{secrets.token_hex(16)}"


def api_key_hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def password_hash(password: str) -> str:
    """The argon2id hash in PHC form, by the same library as the services'; they read the cost from the hash."""
    library = ctypes.CDLL("libargon2.so.1")
    text, salt, encoded = password.encode(), os.urandom(16), ctypes.create_string_buffer(256)
    iterations, kibibytes, lanes, hash_length = 2, 19456, 1, 32
    code = library.argon2id_hash_encoded(
        iterations, kibibytes, lanes, text, ctypes.c_size_t(len(text)), salt, ctypes.c_size_t(len(salt)),
        ctypes.c_size_t(hash_length), encoded, ctypes.c_size_t(len(encoded)))
    if code != 0:
        raise OSError(f"libargon2 failed with code {code}")
    return encoded.value.decode()
