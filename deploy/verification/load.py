"""The load: orders, listeners and webhooks, all of which go on until they are told to stop."""

import json
import secrets
import threading
import time
from dataclasses import dataclass, field

from listening.client import Refused, listen
from subscriptions.events import Subscription, signature

from .clients import Answers, Client
from .compose import Project
from .world import DEVICES, World

ORDERS_A_SECOND = 8.0
WEBHOOKS_A_SECOND = 2.0
LISTENERS = 3
SILENCE = 60.0
RECEIPT = {
    "type": "print_receipt",
    "payload": {
        "items": [{"name": "Cafea", "quantity": 2, "price": 12.50, "vatRate": 11}],
        "payments": [{"type": "cash", "amount": 25.00}],
    },
}


@dataclass
class Listened:
    """What one listener has seen."""

    events: list[str] = field(default_factory=list)
    finished: set[str] = field(default_factory=set)
    """Commands of whose end it has heard."""
    connections: int = 0


class Load:
    """Begins at once; `stop` ends it, and returns when every request has its answer."""

    def __init__(self, project: Project, world: World, answers: Answers):
        self._project, self._world, self._answers = project, world, answers
        self._stopped = threading.Event()
        self._quiet = threading.Event()
        self.accepted: dict[str, str] = {}
        """The device of every command that was answered with 201."""
        self.delivered: dict[str, list[tuple[str, str]]] = {organization: [] for organization in world.payers}
        """Of each organization that pays: the events that Stripe was thanked for, with their prices."""
        self.listened = [Listened() for _ in range(LISTENERS)]
        self._listeners = [threading.Thread(target=self._listen, args=(one,)) for one in self.listened]
        self._clients = [threading.Thread(target=self._order, args=(device,)) for device in DEVICES]
        self._clients += [threading.Thread(target=self._bill, args=(payer,)) for payer in world.payers]
        for thread in self._listeners:
            thread.daemon = True
            thread.start()

    def begin(self) -> None:
        """Starts the requests; call it when the listeners are connected."""
        for thread in self._clients:
            thread.daemon = True
            thread.start()

    @property
    def is_heard(self) -> bool:
        return all(one.connections for one in self.listened)

    def stop(self) -> None:
        self._stopped.set()
        for thread in self._clients:
            thread.join()

    def hang_up(self) -> None:
        self._quiet.set()

    def _order(self, device: str) -> None:
        client = Client(self._project.edges, self._answers, {"x-api-key": self._world.api_key})
        body = json.dumps(RECEIPT).encode()
        for _ in self._ticks(len(DEVICES) / ORDERS_A_SECOND):
            key = {"Idempotency-Key": secrets.token_hex(12)}
            # A repetition that overtakes the first attempt is told so.
            answer = client.insist("POST", f"/api/v1/devices/{device}/commands", body, {201}, lambda: key, {409})
            if answer:
                self.accepted[answer[1]["id"]] = device

    def _bill(self, organization: str) -> None:
        """A subscription whose price changes with every event, one second of Stripe's later each."""
        client = Client(self._project.edges, self._answers)
        prices = [self._project.values["STRIPE_PRICE_PRO"], self._project.values["STRIPE_PRICE_ENTERPRISE"]]
        life = Subscription(organization, f"{organization}_{secrets.token_hex(4)}", int(time.time()) - 7200)
        for number in self._ticks(len(self._world.payers) / WEBHOOKS_A_SECOND):
            event = life.told("updated", number, "active", prices[number % 2])
            body = json.dumps(event).encode()
            signed = lambda: {"Stripe-Signature": signature(body, self._project.values["STRIPE_WEBHOOK_SECRET"])}
            if client.insist("POST", "/api/v1/billing/webhook", body, {200}, signed):
                self.delivered[organization].append((event["id"], prices[number % 2]))

    def _ticks(self, interval: float):
        number = 0
        while not self._stopped.wait(interval):
            yield number
            number += 1

    def _listen(self, one: Listened) -> None:
        edge, since = secrets.randbelow(len(self._project.edges)), None
        while not self._quiet.is_set():
            try:
                for frame, _ in listen(self._project.edges[edge], self._world.api_key, since, SILENCE):
                    since = self._heard(one, frame) or since
                    if self._quiet.is_set():
                        return
            except Refused as refusal:
                self._answers.violated(f"a listener was refused: {refusal}")
                return
            except OSError:
                edge = (edge + 1) % len(self._project.edges)
                time.sleep(0.25)

    def _heard(self, one: Listened, frame: dict) -> str | None:
        match frame["type"]:
            case "welcome":
                one.connections += 1
            case "replay.gap":
                self._answers.violated("a listener was told of a gap")
            case "command.completed" | "command.failed" | "command.timeout":
                one.finished.add(frame["data"]["commandId"])
        if "id" in frame:
            one.events.append(frame["id"])
        return frame.get("id")
