"""Whether e-bon's webhook and Stripe's package take and refuse the same signatures, in both directions."""

import json
import os
import sys
import time
from pathlib import Path

import stripe

from subscriptions.events import Subscription, post, signature
from supervision.credentials import read_environment

WORLD = read_environment(Path(os.environ["EBON_DEMO"]))
CURRENT, PREVIOUS = os.environ["STRIPE_SECRETS"].split(",")
STRANGE = "whsec_of_somebody_else_altogether"
TOLERANCE = 300

count = 0


def body() -> bytes:
    """A new event in the spelling of Stripe: indented, with text that is not ASCII."""
    global count
    count += 1
    life = Subscription("acme_corp", f"sign{count}", int(time.time()) - 60)
    event = life.told("created", 0, "incomplete", WORLD["EBON_STRIPE_PRICE_PRO"], description="Țuică – 100 %")
    return json.dumps(event, indent=2, ensure_ascii=False).encode()


def signed_by_package(payload: bytes, secret: str, at: int) -> str:
    code = stripe.WebhookSignature._compute_signature(f"{at}.{payload.decode()}", secret)
    return f"t={at},v1={code}"


def package_takes(payload: bytes, header: str, secret: str) -> bool:
    try:
        stripe.Webhook.construct_event(payload, header, secret, tolerance=TOLERANCE)
        return True
    except stripe.SignatureVerificationError:
        return False


def cases():
    now = int(time.time())
    for title, secret, known in [("the secret", CURRENT, True), ("the previous secret", PREVIOUS, True),
                                 ("another secret", STRANGE, False)]:
        payload = body()
        header = signed_by_package(payload, secret, now)
        yield f"an event that the package signs with {title}", payload, header, secret if known else CURRENT, known
        payload = body()
        header = signature(payload, secret, now)
        yield f"an event that we sign with {title}", payload, header, secret if known else CURRENT, known
    payload = body()
    yield "an event of five minutes ago, less a moment", payload, signed_by_package(payload, CURRENT, now - 290), CURRENT, True
    payload = body()
    yield "an event that is too old", payload, signed_by_package(payload, CURRENT, now - 310), CURRENT, False
    payload = body()
    header = signed_by_package(payload, CURRENT, now)
    yield "an event with one more space", payload + b" ", header, CURRENT, False
    payload = body()
    both = signed_by_package(payload, STRANGE, now) + "," + signed_by_package(payload, CURRENT, now).split(",")[1]
    yield "two signatures of which one is right", payload, both, CURRENT, True
    payload = body()
    older = signed_by_package(payload, CURRENT, now).replace("v1=", "v0=")
    yield "a signature of another scheme", payload, older, CURRENT, False


def main() -> int:
    failed = passed = 0
    for title, payload, header, secret, expected in cases():
        package = package_takes(payload, header, secret)
        ours = post(WORLD["EBON_URL"], payload, header)
        is_right = package == expected and ours == (200 if expected else 400)
        passed, failed = passed + is_right, failed + (not is_right)
        if not is_right:
            print(f"stripe: {title}: the package {'takes' if package else 'refuses'} it, we answer {ours}")
    print(f"stripe: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
