"""The HTTP application on the in-memory adapters, with a switch to break the store."""

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from operator import attrgetter
from typing import Any

import attrs
import orjson
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.local import LocalProxy
from werkzeug.test import TestResponse

from adapters.http.app import HttpLimits, Services, create_app
from adapters.http.door.admission import Gates
from adapters.http.door.door import OPEN_DOOR, Door
from adapters.http.door.proxies import Network
from adapters.http.frame import Frame
from adapters.http.problem_kinds import KINDS
from adapters.http.requests_counted import Count
from adapters.inmemory.clock import FakeClock
from adapters.inmemory.dead_letters import InMemoryDeadLetters
from adapters.inmemory.deadlines import InMemoryDeadlines
from adapters.inmemory.event_bus import InMemoryEventBus
from adapters.inmemory.event_feed import InMemoryEventFeed
from adapters.inmemory.event_store import InMemoryEventStore
from adapters.inmemory.group_progress import InMemoryGroupProgress
from adapters.inmemory.log import InMemoryLog
from adapters.inmemory.open_checkouts import InMemoryOpenCheckouts
from adapters.inmemory.read_model import InMemoryReadModel
from adapters.inmemory.telemetry import RecordingTelemetry
from application.calls.settle_doubts import CallDesk
from application.events.recorded_event import RecordedEvent
from application.events.streams import CHECKOUTS
from application.live.live import Live, LiveLimits
from application.live.tail import TailLimits
from application.ports.event_bus import Subscription
from application.ports.event_store import NewEvent, Outcome, Page, Transaction, Write
from application.questions.explain_checkout import CheckoutExplainer
from application.questions.find_stuck import StuckFinder
from application.questions.list_events import EventLister
from application.questions.replay_checkout import CheckoutReplayer
from application.questions.show_orders import OrderBook
from application.questions.show_stock import StockRoom
from application.requests.intervene import CheckoutDesk
from application.requests.mend_dead_letters import DeadLetterDesk
from application.requests.receive_stock import StockReceiver
from application.requests.start_checkout import CheckoutStarter
from application.steps.project_orders import order_row
from domain.cart import Cart, Line
from domain.checkout.events import CheckoutEvent, CheckoutInitiated, CheckoutSucceeded, StockReserved
from domain.checkout.saga import CQRS_PROJECTION, STEPS
from domain.inventory.stock_item import StockItem
from domain.order.events import OrderCreated
from entrypoints.api import services_of
from entrypoints.container import Container
from tests.unit.http.conformance import CheckedClient

JSON = {"Content-Type": "application/json"}
PROBLEM = "application/problem+json"
START = "/api/checkouts"
CHOREO = "/api/commandes/clients/c1/checkout/choreo/"
EVENTS = f"/api/event-store/streams/{CHECKOUTS}/events"
LIVE_LIMITS = LiveLimits(tail=TailLimits(linger_ms=0, block_ms=10), handing_out_per_s=1_000_000)
CART = Cart.of([Line(produit_id="p1", units=2)])


class BreakableStore(InMemoryEventStore):
    """The store in memory, and whatever it is told to raise instead of an answer, or to wait for first."""

    trouble: Exception | None = None
    pause: threading.Event | None = None

    def _ask(self) -> None:
        if self.pause is not None:
            assert self.pause.wait(10.0)
        if self.trouble is not None:
            raise self.trouble

    def append(self, stream: str, transactions: Sequence[Transaction]) -> list[Outcome]:
        self._ask()
        return super().append(stream, transactions)

    def read(self, stream: str, entities: Sequence[str]) -> list[list[RecordedEvent]]:
        self._ask()
        return super().read(stream, entities)

    def snapshots(self, stream: str, entities: Iterable[str]) -> Mapping[str, tuple[StockItem, int]]:
        self._ask()
        return super().snapshots(stream, entities)

    def page(self, stream: str, **asked: Any) -> Page:
        self._ask()
        return super().page(stream, **asked)


@attrs.frozen(kw_only=True)
class Rig:
    """A client of the application, and what lies behind it."""

    clock: FakeClock
    log: InMemoryLog
    store: BreakableStore
    read_model: InMemoryReadModel
    missing: dict[str, str]
    client: FlaskClient

    @classmethod
    def build(
        cls,
        limits: HttpLimits | None = None,
        gates: Gates | None = None,
        trusted_proxies: tuple[Network, ...] = (),
        door: Door = OPEN_DOOR,
        count: Count | None = None,
    ) -> "Rig":
        clock, read_model = FakeClock(), InMemoryReadModel()
        log = InMemoryLog(clock)
        store = BreakableStore(log)
        missing: dict[str, str] = {}
        limits = limits or HttpLimits()
        _behind.put(_services(log, store, read_model, missing), gates or Gates.of(limits), count)
        client = _application(limits, trusted_proxies, door, counts=count is not None).test_client()
        return cls(clock=clock, log=log, store=store, read_model=read_model, missing=missing, client=client)

    def given(self, checkout_id: str, *facts: CheckoutEvent) -> list[str]:
        """Put the facts on the stream, a second apart, and keep the read model; their positions."""
        for fact in facts:
            version = len(self.history(checkout_id))
            new = NewEvent(event=fact, event_id=f"e{version + 1}", causation_id=f"e{version}")
            write = Write(entity=checkout_id, expected_version=version, events=(new,))
            self.store.append(CHECKOUTS, [(write,)])
            self.clock.advance(1.0)
        row = order_row(self.history(checkout_id))
        self.read_model.apply([row] if row else [])
        return [recorded.position for recorded in self.history(checkout_id)]

    def project(self) -> None:
        """The projection deals with all there is."""
        projection = Subscription(stream=CHECKOUTS, group=STEPS[CQRS_PROJECTION].group, consumer="one")
        bus = InMemoryEventBus(self.log, RecordingTelemetry())
        deliveries = bus.receive(projection, count=1_000, block_ms=0)
        bus.acknowledge(projection, [delivery.position for delivery in deliveries])

    def history(self, checkout_id: str) -> list[RecordedEvent]:
        return self.store.read(CHECKOUTS, [checkout_id])[0]

    def post(self, path: str, body: object, **headers: str) -> TestResponse:
        """POST `body` as JSON; text and bytes as they are. `Some_Header="x"` is a header."""
        data = body if isinstance(body, str | bytes) else orjson.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(path, data=data, headers=JSON | named)

    def get(self, path: str) -> Any:
        """The JSON of a page that must be there."""
        response = self.client.get(path)
        assert response.status_code == 200, response.text
        assert response.content_type == "application/json"
        return response.json


def client_of(container: Container, limits: HttpLimits | None = None) -> FlaskClient:
    """A client of the application on what the container holds, until the next one is asked for."""
    limits = limits or HttpLimits()
    _behind.put(services_of(container), Gates.of(limits))
    return _application(limits, (), OPEN_DOOR, counts=False).test_client()


class _Behind:
    """What lies behind the application now: each test's own."""

    services: Services
    gates: Gates
    count: Count | None

    def put(self, services: Services, gates: Gates, count: Count | None = None) -> None:
        """Have these there from now on."""
        self.services, self.gates, self.count = services, gates, count


_behind = _Behind()


@cache
def _application(
    limits: HttpLimits, trusted_proxies: tuple[Network, ...], door: Door, *, counts: bool
) -> Flask:
    """One for all tests: to make it takes longer than most of them."""
    services = Services(**_each("services", Services))
    gates = Gates(**_each("gates", Gates))
    count = LocalProxy(lambda: _behind.count) if counts else None
    frame = Frame(limits=limits, gates=gates, trusted_proxies=trusted_proxies, door=door, count=count)
    app = create_app(services, frame)
    app.test_client_class = CheckedClient
    return app


def _each(of: str, kind: type[Any]) -> dict[str, Any]:
    """The fields of the services or the gates that lie behind: whichever they are when they are used."""
    return {
        field.name: LocalProxy(partial(attrgetter(f"{of}.{field.name}"), _behind))
        for field in attrs.fields(kind)
    }


def _services(
    log: InMemoryLog, store: BreakableStore, read_model: InMemoryReadModel, missing: dict[str, str]
) -> Services:
    feed, progress, replayer = InMemoryEventFeed(log), InMemoryGroupProgress(log), CheckoutReplayer(store)
    dead_letters = InMemoryDeadLetters(log)
    return Services(
        starter=CheckoutStarter(store),
        receiver=StockReceiver(store),
        replayer=replayer,
        explainer=CheckoutExplainer(replayer, store, progress, dead_letters),
        lister=EventLister(store),
        orders=OrderBook(store, read_model),
        stock=StockRoom(store),
        live=Live(feed, progress, replayer, LIVE_LIMITS, logging.error),
        checkout_desk=CheckoutDesk(store),
        stuck_finder=StuckFinder(store, InMemoryOpenCheckouts(), dead_letters, progress, log.clock),
        dead_letter_desk=DeadLetterDesk(dead_letters, log.clock),
        call_desk=CallDesk(store, InMemoryOpenCheckouts()),
        deadlines=InMemoryDeadlines(),
        clock=log.clock,
        readiness=lambda: missing,
        metrics=lambda: (b"up 1\n", "text/plain; version=0.0.4; charset=utf-8"),
    )


def priced(price: str) -> str:
    """A checkout of one line with `price` as it is written in JSON."""
    line = f'{{"produit_id":"p1","quantite":1,"prix_unitaire":{price}}}'
    return f'{{"client_id":"c1","panier":{{"produits":[{line}]}}}}'


def order_of(checkout_id: str, commande_id: str, cart: Cart = CART) -> list[CheckoutEvent]:
    """The facts of a checkout of `c1` that ended in an order."""
    ids = {"checkout_id": checkout_id, "client_id": "c1"}
    return [
        CheckoutInitiated(**ids, cart=cart),
        StockReserved(**ids, cart=cart),
        OrderCreated(checkout_id=checkout_id, client_id="c1", commande_id=commande_id, total=cart.total),
        CheckoutSucceeded(**ids, commande_id=commande_id),
    ]


def body(**changes: object) -> dict[str, object]:
    """A checkout that is in order, but for `changes`."""
    return {"client_id": "c1", "panier": {"produits": [{"produit_id": "p1", "quantite": 2}]}} | changes


def cart_of(**line: object) -> dict[str, object]:
    """A checkout of one line that is in order, but for `line`; None leaves a field out."""
    fields = {"produit_id": "p1", "quantite": 2} | line
    return body(panier={"produits": [{name: value for name, value in fields.items() if value is not None}]})


def assert_problem(response: TestResponse, status: int, **members: object) -> dict[str, Any]:
    """`response` is this problem; its body."""
    assert (response.status_code, response.content_type) == (status, PROBLEM), response.text
    found = response.json
    assert isinstance(found, dict)
    assert {"type", "title", "status", "detail"} <= found.keys()
    assert found["status"] == status
    assert found | members == found
    kind = KINDS[str(found["type"]).rpartition("/problems/")[2]]
    assert (found["title"], kind.status) == (kind.title, status)
    return found
