"""What the load acts on: registers of the demonstration organization, and organizations that pay."""

from dataclasses import dataclass

from supervision.credentials import api_key_hash, new_api_key

from .compose import Project

DEVICES = [f"dev_verify_{number}" for number in range(1, 11)]
DEVICE_RANGE = f"dev_verify_1..{len(DEVICES)}"
PAYERS = 4


@dataclass(frozen=True)
class World:
    organization: str
    api_key: str
    payers: dict[str, str]
    """The API keys of the organizations that pay."""

    @staticmethod
    def made(project: Project) -> "World":
        """Registers everything, with keys that nobody has used before."""
        organization = "acme_corp"
        payers = {f"verify_{number}": new_api_key(f"verify_{number}") for number in range(1, PAYERS + 1)}
        key = new_api_key(organization)
        devices = ", ".join(f"('{device}')" for device in DEVICES)
        project.sql(f"""
            INSERT INTO org.devices
                (device_id, org_id, location_id, name, protocol, transport, connection_params, controller_id,
                controller_name)
            SELECT id, org_id, location_id, id, protocol, transport, connection_params, controller_id, controller_name
            FROM org.devices, (VALUES {devices}) AS new (id) WHERE device_id = 'dev_pos_01';
        """ + _key(organization, key) + "".join(
            f"""
            INSERT INTO org.organizations (org_id, name, cui) VALUES ('{payer}', '{payer}', 'RO12345678');
            INSERT INTO org.notification_subscribers (org_id, email, categories)
            VALUES ('{payer}', '{payer}@e-bon.example', '{{billing}}');
            """ + _key(payer, payer_key) for payer, payer_key in payers.items()))
        return World(organization, key, payers)


def _key(organization: str, key: str) -> str:
    return f"""
        INSERT INTO org.api_keys (api_key_id, org_id, key_sha256, prefix, label, scopes)
        VALUES ('apikey_verify_{organization}', '{organization}', '{api_key_hash(key)}', 'ebon_live_{organization}_',
            'Verification', '{{all}}');
    """
