"""The HTTP side of the service, as a Flask application made from the use cases it is given."""

from collections.abc import Callable, Sequence

import attrs
from flask import Flask

from adapters.codec.cloud_events import CloudEvents
from adapters.http.admission import Admission, Gates
from adapters.http.checkouts import CheckoutRoutes
from adapters.http.contract.routes import ContractRoutes
from adapters.http.dead_letters import DeadLetterRoutes
from adapters.http.door import OPEN_DOOR, Door
from adapters.http.event_schemas import EventSchemaRoutes
from adapters.http.event_store import EventStoreRoutes
from adapters.http.following import Following
from adapters.http.health import HealthRoutes
from adapters.http.interventions import InterventionRoutes
from adapters.http.inventory import InventoryRoutes
from adapters.http.limits import HttpLimits
from adapters.http.orders import OrderRoutes
from adapters.http.pages.problems import ProblemRoutes
from adapters.http.patience import Patience
from adapters.http.problems import answer_errors_as_problems
from adapters.http.proxies import Network, Proxies
from adapters.http.request_origin import OriginKept
from adapters.http.safe_headers import SafeHeaders
from application.find_stuck import StuckFinder
from application.intervene import CheckoutDesk
from application.list_events import EventLister
from application.live import Live
from application.mend_dead_letters import DeadLetterDesk
from application.ports.clock import Clock
from application.ports.deadlines import Deadlines
from application.receive_stock import StockReceiver
from application.replay_checkout import CheckoutReplayer
from application.show_orders import OrderBook
from application.show_stock import StockRoom
from application.start_checkout import CheckoutStarter

__all__ = ["HttpLimits", "Services", "create_app"]

DEFAULT_LIMITS = HttpLimits()


@attrs.frozen(kw_only=True)
class Services:
    """What the routes call.

    `readiness` says what is not ready and why, and is empty when all is; `metrics` gives the page of
    figures and its content type.
    """

    starter: CheckoutStarter
    receiver: StockReceiver
    replayer: CheckoutReplayer
    lister: EventLister
    orders: OrderBook
    stock: StockRoom
    live: Live
    checkout_desk: CheckoutDesk
    stuck_finder: StuckFinder
    dead_letter_desk: DeadLetterDesk
    deadlines: Deadlines
    clock: Clock
    readiness: Callable[[], dict[str, str]]
    metrics: Callable[[], tuple[bytes, str]]
    cloud_events: CloudEvents = attrs.Factory(CloudEvents)


def create_app(
    services: Services,
    limits: HttpLimits = DEFAULT_LIMITS,
    gates: Gates | None = None,
    trusted_proxies: Sequence[Network] = (),
    door: Door = OPEN_DOOR,
) -> Flask:
    """The application. It answers JSON, errors too (RFC 9457), and pages for people. `gates`: to be
    looked at from outside, if not its own. `trusted_proxies`: who is believed about the client and the path
    asked for. `doorkeeper`: who asks for keys; None lets everybody in."""
    app = Flask(__name__, static_folder=None)
    app.config.update(
        # Werkzeug cuts a body of unsaid length off at this; one more tells a cut one from a whole one.
        MAX_CONTENT_LENGTH=limits.body_max_bytes + 1,
        PROPAGATE_EXCEPTIONS=False,
        PROVIDE_AUTOMATIC_OPTIONS=False,
    )
    # A redirect to the tidied path would be an HTML page, and would lose the body of a POST.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    answer_errors_as_problems(app, limits)
    door.guard(app)
    gates = gates or Gates.of(limits)
    patience = Patience(services.live, gates.waiters, limits)
    following = Following(services.live, gates.followers, limits)
    for routes in (
        CheckoutRoutes(services.starter, services.replayer, patience, following),
        EventStoreRoutes(
            services.lister,
            services.replayer,
            services.orders,
            limits,
            services.cloud_events,
            patience,
            following,
        ),
        EventSchemaRoutes(),
        InventoryRoutes(services.stock, services.receiver),
        OrderRoutes(services.orders, patience),
        DeadLetterRoutes(services.dead_letter_desk, limits),
        InterventionRoutes(
            services.checkout_desk, services.stuck_finder, services.deadlines, services.clock, limits
        ),
        ProblemRoutes(),
        HealthRoutes(services.readiness, services.metrics),
        ContractRoutes(limits),
    ):
        app.register_blueprint(routes.blueprint())
    admission = Admission(app.wsgi_app, gates, limits)
    app.wsgi_app = SafeHeaders(OriginKept(door.logged(admission)))  # type: ignore[method-assign]  # the way that Flask's documentation shows
    if trusted_proxies:
        app.wsgi_app = Proxies(app.wsgi_app, trusted_proxies)  # type: ignore[method-assign]  # as above
    return app
