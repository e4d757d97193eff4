"""Subscriptions as Stripe tells of them: the events of a life, signed and delivered to a running stack."""

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

API_VERSION = "2025-03-31.basil"
MONTH = 30 * 86_400


def signature(body: bytes, secret: str, at: int | None = None) -> str:
    """The Stripe-Signature field of a body: https://docs.stripe.com/webhooks#verify-manually."""
    seconds = int(time.time()) if at is None else at
    code = hmac.new(secret.encode(), b"%d." % seconds + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={code}"


def deliver(url: str, event: dict, secret: str) -> int:
    """Posts an event as Stripe would; returns the status."""
    body = json.dumps(event, indent=2).encode()
    return post(url, body, signature(body, secret))


def post(url: str, body: bytes, header: str) -> int:
    request = urllib.request.Request(
        f"{url}/api/v1/billing/webhook", data=body,
        headers={"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": header})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


@dataclass(frozen=True)
class Subscription:
    """One subscription of one customer; `name` makes the ids of both."""

    organization: str
    name: str
    began: int

    @property
    def id(self) -> str:
        return f"sub_{self.name}"

    @property
    def customer(self) -> str:
        return f"cus_{self.name}"

    def checkout(self, after: int = 0) -> dict:
        return self._event("checkout.session.completed", after, {
            "id": f"cs_{self.name}", "object": "checkout.session", "mode": "subscription", "status": "complete",
            "customer": self.customer, "subscription": self.id, "client_reference_id": self.organization,
        })

    def told(self, change: str, after: int, status: str, price: str, **members: object) -> dict:
        """`customer.subscription.<change>`, as many seconds after the beginning."""
        return self._event(f"customer.subscription.{change}", after, {
            "id": self.id, "object": "subscription", "customer": self.customer, "status": status,
            "created": self.began, "cancel_at_period_end": False, "metadata": {"orgId": self.organization},
            "items": {"object": "list", "data": [{
                "id": f"si_{self.name}", "object": "subscription_item", "price": {"id": price, "object": "price"},
                "current_period_start": self.began, "current_period_end": self.began + MONTH,
            }]},
            **members,
        })

    def invoice(self, change: str, after: int) -> dict:
        """`invoice.<change>` of the first month."""
        return self._event(f"invoice.{change}", after, {
            "id": f"in_{self.name}", "object": "invoice", "customer": self.customer, "number": "EBON-0042",
            "amount_due": 14_900, "currency": "ron", "status": "open", "created": self.began,
            "hosted_invoice_url": "https://invoice.stripe.com/i/acct_1/test_1",
            "next_payment_attempt": self.began + 3 * 86_400, "metadata": {},
            "parent": {"type": "subscription_details", "subscription_details": {
                "subscription": self.id, "metadata": {"orgId": self.organization}}},
        })

    def _event(self, kind: str, after: int, data: dict) -> dict:
        return {
            "id": f"evt_{self.name}_{kind.replace('.', '_')}_{after}", "object": "event", "api_version": API_VERSION,
            "created": self.began + after, "livemode": False, "pending_webhooks": 1, "type": kind,
            "data": {"object": data},
        }
