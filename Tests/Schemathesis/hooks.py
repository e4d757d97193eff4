"""What schemathesis has to know of e-bon beyond the OpenAPI document: which things exist, and what no schema can say."""

import hashlib
import hmac
import json
import os
import time
import urllib.request

import schemathesis

DEVICE = os.environ["EBON_DEVICE"]
"""Has a controller and, for the API key, a virtual register behind it: what the live routes ask."""
SPARE_DEVICE = os.environ["EBON_SPARE_DEVICE"]
"""Is never connected, and may be claimed."""
REGISTERED = []
"""Devices that were registered here, which may be deleted."""

KNOWN = {"locationId": os.environ["EBON_LOCATION"]}
"""The newest existing thing by the name of the path parameter that takes its id."""

MADE_BY = {
    "commands.create": ("commandId", ("id",)),
    "devices.commands.create": ("commandId", ("id",)),
    "receipts.create": ("receiptId", ("receipt", "id")),
    "api-keys.create": ("apiKeyId", ("id",)),
    "members.invite": ("memberId", ("id",)),
    "locations.create": ("locationId", ("id",)),
}

FOR_THE_SPARE = {"devices.claim", "devices.release", "devices.commands.create"}
"""Operations that would take the register away from the live routes, or keep it busy."""


def operation_id(case):
    return case.operation.definition.raw.get("operationId", "")


def is_valid(case):
    return case.meta is not None and case.meta.generation.mode.is_positive


def is_chained(case):
    """Whether it goes on with what earlier answers have named."""
    return case.meta is not None and case.meta.phase.name == "stateful"


@schemathesis.hook
def before_call(context, case, kwargs):
    """Points valid requests at things that exist; what is invalid stays as it was made."""
    operation = operation_id(case)
    if not is_chained(case):
        point(case, KNOWN | {"deviceId": device_for(operation)})
    if is_valid(case):
        suit_query(case.query or {})
        if isinstance(case.body, dict):
            suit_body(operation, case.body)
        if "Idempotency-Key" in (case.headers or {}):
            # One key, one body: what a second body gets is shown by tests of its own.
            case.headers["Idempotency-Key"] = digest(operation, case.body, case.path_parameters)
    if operation == "auth.logout" and "Authorization" in (case.headers or {}):
        # It ends the session that it is called with.
        case.headers["Authorization"] = f"Bearer {sign_in()}"
    if operation == "billing.webhook" and is_valid(case):
        sign(case)


def device_for(operation):
    if operation == "devices.delete":
        return REGISTERED.pop() if REGISTERED else "dev_none"
    return SPARE_DEVICE if operation in FOR_THE_SPARE else DEVICE


def point(case, existing):
    for name, value in (case.path_parameters or {}).items():
        # Ids of other devices are learned from answers: they have no register.
        if name in existing and (is_valid(case) or str(value).startswith("dev_")):
            case.path_parameters[name] = existing[name]


def digest(*parts):
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def suit_query(query):
    """A cursor comes from an earlier page, and a period does not end before it begins."""
    query.pop("cursor", None)
    if "from" in query and "to" in query:
        query["to"] = query["from"]


def suit_body(operation, body):
    """Makes a valid body one that refers to what exists and adds up."""
    if "locationId" in body:
        body["locationId"] = KNOWN["locationId"]
    if "deviceId" in body:
        # What is queued waits for a device that is never there, so that the register stays free for the live routes.
        body["deviceId"] = SPARE_DEVICE
    if operation == "receipts.create":
        add_up_printed(body)
    elif operation == "devices.print_reversal_receipt":
        add_up(body)
    elif body.get("type") in ("print_receipt", "print_reversal_receipt"):
        add_up(body["payload"])


def add_up(receipt):
    """Pays what the lines cost: the arithmetic has tests of its own."""
    for item in receipt["items"]:
        item.pop("discount", None)
        item["quantity"], item["price"] = 1, 12
    if "payments" in receipt:
        receipt["payments"] = [{"type": "cash", "amount": 12 * len(receipt["items"])}]


def add_up_printed(receipt):
    total = 12 * len(receipt["items"])
    for item in receipt["items"]:
        item.pop("discount", None)
        item["quantity"], item["price"], item["vatRate"] = 1, 12, 0
    receipt["payments"] = [{"method": "cash", "amount": total}]
    receipt["total"] = total
    receipt["vatBreakdown"] = [{"rate": 0, "base": total, "vat": 0}] if receipt["items"] else []


def sign_in():
    body = json.dumps({"email": os.environ["EBON_EMAIL"], "password": os.environ["EBON_PASSWORD"]}).encode()
    request = urllib.request.Request(
        f"{os.environ['EBON_URL']}/api/v1/auth/login", data=body, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["accessToken"]


def sign(case):
    """Signs the body as Stripe does."""
    if "Stripe-Signature" not in (case.headers or {}):
        return
    moment = str(int(time.time()))
    text = json.dumps(case.body).encode()
    secret = os.environ["EBON_STRIPE_WEBHOOK_SECRET"].encode()
    signature = hmac.new(secret, moment.encode() + b"." + text, hashlib.sha256).hexdigest()
    case.headers["Stripe-Signature"] = f"t={moment},v1={signature}"


@schemathesis.hook
def after_call(context, case, response):
    if operation_id(case) == "devices.create" and response.status_code == 201:
        REGISTERED.append(response.json()["id"])
    made = MADE_BY.get(operation_id(case))
    if made and response.status_code in (200, 201):
        name, path = made
        value = response.json()
        for step in path:
            value = value[step]
        KNOWN[name] = value


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Lets pass what is right and cannot be said in the document; each reason is as narrow as it can be."""
    operation, check, paths = operation_id(case), type(failure).__name__, wrong_paths(response)
    if check == "ServerError" and response.status_code == 502:
        # The register's own word, by contract: it has, for example, no receipt to duplicate.
        return response.json()["error"]["code"] != "DEVICE_ERROR"
    if check == "ServerError" and response.status_code == 503 and operation.startswith("billing."):
        # The stack has no Stripe key.
        return response.json()["error"]["message"] != "Billing is not available: no Stripe key is configured"
    if check == "ServerError" and response.status_code == 503 and is_chained(case):
        # A device that was just registered has no register, one that was released has no controller.
        return response.json()["error"]["message"] not in ("The device is offline", "The device has no controller")
    if check == "RejectedPositiveData" and operation in ("auth.accept-invitation", "auth.reset-password"):
        # The token comes by mail.
        return paths != {"body.token"}
    if check == "RejectedPositiveData" and operation == "users.me.password":
        # The password that schemathesis makes up is not the owner's.
        return paths != {"body.currentPassword"}
    if check == "RejectedPositiveData" and operation == "devices.update":
        # Which parameters suit is up to the transport that the device has.
        return not all(path.startswith("body.connectionParams") for path in paths)
    if check == "RejectedPositiveData" and response.status_code == 400:
        # Numbers are exact to 38 digits: 5e-324 has more, 1e300 too.
        return not any(number and not 1e-38 < abs(number) < 1e38 for number in numbers(case.body))
    return True


def wrong_paths(response):
    try:
        return {detail["path"] for detail in response.json()["error"]["details"]}
    except (KeyError, TypeError, ValueError):
        return set()


def numbers(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [number for element in value for number in numbers(element)]
    return [value] if isinstance(value, (int, float)) else []
