"""The HTTP side of the service, as a Flask application made from the use cases it is given."""

from collections.abc import Callable, Sequence

import attrs
from flask import Flask

from adapters.codec.cloud_events import CloudEvents
from adapters.http.calls import CallRoutes
from adapters.http.checkouts import CheckoutRoutes
from adapters.http.contract.routes import ContractRoutes
from adapters.http.dead_letters import DeadLetterRoutes
from adapters.http.event_schemas import EventSchemaRoutes
from adapters.http.event_store import EventStoreRoutes
from adapters.http.frame import Frame, Routes
from adapters.http.health import HealthRoutes
from adapters.http.interventions import InterventionRoutes
from adapters.http.inventory import InventoryRoutes
from adapters.http.limits import HttpLimits
from adapters.http.live.following import Following
from adapters.http.live.patience import Patience
from adapters.http.orders import OrderRoutes
from adapters.http.pages.problems import ProblemRoutes
from application.calls.settle_doubts import CallDesk
from application.live.live import Live
from application.ports.clock import Clock
from application.ports.deadlines import Deadlines
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

__all__ = ["Frame", "HttpLimits", "ReadingServices", "Services", "create_app", "create_event_store_app"]


@attrs.frozen(kw_only=True)
class ReadingServices:
    """What the routes of the event store call: nothing that can write.

    `readiness` says what is not ready and why, and is empty when all is; `metrics` gives the page of
    figures and its content type.
    """

    explainer: CheckoutExplainer
    lister: EventLister
    orders: OrderBook
    live: Live
    readiness: Callable[[], dict[str, str]]
    metrics: Callable[[], tuple[bytes, str]]
    cloud_events: CloudEvents = attrs.Factory(CloudEvents)


@attrs.frozen(kw_only=True)
class Services(ReadingServices):
    """What all routes call."""

    replayer: CheckoutReplayer
    starter: CheckoutStarter
    receiver: StockReceiver
    stock: StockRoom
    checkout_desk: CheckoutDesk
    stuck_finder: StuckFinder
    dead_letter_desk: DeadLetterDesk
    call_desk: CallDesk
    deadlines: Deadlines
    clock: Clock


def create_app(services: Services, frame: Frame | None = None) -> Flask:
    """The whole API."""
    frame = frame or Frame()
    limits = frame.limits
    patience = Patience(services.live, frame.gates.waiters, limits)
    following = Following(services.live, frame.gates.followers, limits)
    return frame.around(
        CheckoutRoutes(services.starter, services.replayer, patience, following),
        *_reading(services, frame),
        InventoryRoutes(services.stock, services.receiver),
        DeadLetterRoutes(services.dead_letter_desk, limits),
        CallRoutes(services.call_desk, limits),
        InterventionRoutes(
            services.checkout_desk, services.stuck_finder, services.deadlines, services.clock, limits
        ),
        ContractRoutes(limits),
    )


def create_event_store_app(services: ReadingServices, frame: Frame | None = None) -> Flask:
    """The event store alone, for a process that may only read."""
    frame = frame or Frame()
    return frame.around(*_reading(services, frame), ContractRoutes(frame.limits, "event store"))


def _reading(services: ReadingServices, frame: Frame) -> Sequence[Routes]:
    patience = Patience(services.live, frame.gates.waiters, frame.limits)
    following = Following(services.live, frame.gates.followers, frame.limits)
    return (
        EventStoreRoutes(
            services.lister,
            services.explainer,
            services.orders,
            frame.limits,
            services.cloud_events,
            patience,
            following,
        ),
        EventSchemaRoutes(),
        OrderRoutes(services.orders, patience),
        ProblemRoutes(),
        HealthRoutes(services.readiness, services.metrics),
    )
