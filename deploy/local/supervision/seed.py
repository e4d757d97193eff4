"""The demonstration organizations, and the file of variables that scripts use to act as one."""

import re
import secrets
import subprocess
from pathlib import Path

from .credentials import (
    STRIPE_PRICES, api_key_hash, credentials, new_api_key, password_hash, read_environment, redis_url,
    write_environment,
)
from .layout import Layout, StackError
from .postgres import OWNER, binary, database_url
from .programs import REPOSITORY

DEMO_ORGANIZATION = "acme_corp"
DEMO_IDENTIFIERS = {
    "organization": DEMO_ORGANIZATION,
    "name": "Acme Corp SRL",
    "user_id": "usr_owner",
    "key_id": "apikey_demo",
    "location_main": "loc_main",
    "location_warehouse": "loc_warehouse",
    "device_1": "dev_pos_01",
    "device_2": "dev_pos_02",
}
SEED = REPOSITORY / "deploy/local/seed.sql"
ADDRESS = (
    '{"country": "Romania", "county": "București", "city": "București", '
    '"street": "Str. Lipscani 12, ap. 4", "postalCode": "030031"}'
)


def seed_demo(layout: Layout, url: str) -> None:
    """Seeds the organization that the README uses; its variables are in `demo.env`."""
    _seed(layout, url, layout.demo_environment, DEMO_IDENTIFIERS, "enterprise")


def seed_organization(layout: Layout, organization: str, plan: str) -> Path:
    """Seeds one more organization, with ids made from its own; returns the file of its variables."""
    if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", organization) or len(organization) > 40:
        raise StackError(f"'{organization}' is no organization id: lower-case letters, digits and single underscores")
    if organization == DEMO_ORGANIZATION:
        raise StackError(f"{organization} is the organization of {layout.demo_environment}; choose another ORG")
    identifiers = {
        "organization": organization,
        "name": organization.replace("_", " ").title() + " SRL",
        "user_id": f"usr_{organization}",
        "key_id": f"apikey_{organization}",
        "location_main": f"loc_{organization}_main",
        "location_warehouse": f"loc_{organization}_warehouse",
        "device_1": f"dev_{organization}_01",
        "device_2": f"dev_{organization}_02",
    }
    file = layout.directory / f"{organization}.env"
    _seed(layout, read_environment(layout.demo_environment)["EBON_URL"], file, identifiers, plan)
    return file


def demo_variables(url: str, identifiers: dict[str, str], known: dict[str, str]) -> dict[str, str]:
    """What a script needs to act as the organization at `url`; secrets that are `known` already stay."""
    organization = identifiers["organization"]
    return {
        "EBON_URL": url,
        "EBON_ORG": organization,
        "EBON_API_KEY": known.get("EBON_API_KEY") or new_api_key(organization),
        "EBON_EMAIL": f"owner@{organization.replace('_', '-')}.example",
        "EBON_PASSWORD": known.get("EBON_PASSWORD") or secrets.token_urlsafe(12),
        "EBON_DEVICE": identifiers["device_1"],
    }


def insert(database: str, identifiers: dict[str, str], plan: str, variables: dict[str, str]) -> None:
    """Writes the organization into the database at this URL, as often as one likes."""
    rows = {
        **identifiers,
        "plan": plan,
        "address": ADDRESS,
        "email": variables["EBON_EMAIL"],
        "password_hash": password_hash(variables["EBON_PASSWORD"]),
        "key_hash": api_key_hash(variables["EBON_API_KEY"]),
    }
    settings = [word for name, value in rows.items() for word in ("-v", f"{name}={value}")]
    command = [binary("psql"), "-X", "-q", "-d", database, *settings, "-f", str(SEED)]
    outcome = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    if outcome.returncode != 0:
        raise StackError(f"the demo data could not be written:\n{outcome.stderr.strip()}")


def _seed(layout: Layout, url: str, file: Path, identifiers: dict[str, str], plan: str) -> None:
    variables = {
        **demo_variables(url, identifiers, read_environment(file) if file.exists() else {}),
        "EBON_STRIPE_WEBHOOK_SECRET": credentials(layout)["STRIPE_WEBHOOK_SECRET"],
        "EBON_STRIPE_PRICE_PRO": STRIPE_PRICES["pro"],
        "EBON_STRIPE_PRICE_ENTERPRISE": STRIPE_PRICES["enterprise"],
        "EBON_JWT_SECRET": credentials(layout)["EBON_JWT_SECRET"],
        "EBON_MAIL_DIR": str(layout.mail),
        "DATABASE_URL": database_url(layout, OWNER),
        "REDIS_URL": redis_url(layout, "owner"),
    }
    insert(variables["DATABASE_URL"], identifiers, plan, variables)
    write_environment(file, variables)
