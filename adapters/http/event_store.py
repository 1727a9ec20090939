"""What the streams hold, what became of one checkout, and which orders a client has."""

import attrs
from flask import Blueprint, Response, request

from adapters.codec.cloud_events import BATCH, CloudEvents
from adapters.http.answers import JSON, answer, validated
from adapters.http.limits import HttpLimits
from adapters.http.links import next_page
from adapters.http.live.event_stream import wants_events
from adapters.http.live.following import Following
from adapters.http.live.patience import MIN_POSITION, Patience
from adapters.http.problems import not_found
from adapters.http.query import choice, cursor, name_of, page_size, query
from adapters.http.rendering.explained import explanation_to_wire
from adapters.http.rendering.shop import client_orders_to_wire, page_to_wire
from application.events.streams import STREAMS
from application.questions.explain_checkout import CheckoutExplainer
from application.questions.list_events import EventLister
from application.questions.show_orders import OrderBook
from domain.identifiers import identifier

TYPE_CHARS_MAX = 128


@attrs.frozen
class EventStoreRoutes:
    lister: EventLister
    explainer: CheckoutExplainer
    orders: OrderBook
    limits: HttpLimits
    cloud_events: CloudEvents
    patience: Patience
    following: Following

    def blueprint(self) -> Blueprint:
        routes = Blueprint("event_store", __name__, url_prefix="/api/event-store")
        routes.get("/streams/<stream>/events")(self.list_events)
        routes.get("/replay/checkout/<checkout_id>")(self.replay)
        routes.get("/cqrs/orders-by-client/<client_id>")(self.orders_by_client)
        return routes

    def list_events(self, stream: str) -> Response:
        if wants_events():
            return self._follow(stream)
        given = query("count", "after", "type", "order")
        page = self.lister.page(
            stream,
            count=page_size(given, self.limits),
            after=cursor(given, "after"),
            newest_first=choice(given, "order", "asc", "desc") == "desc",
            type=name_of(given, "type", chars_max=TYPE_CHARS_MAX),
        )
        if page is None:
            return not_found("stream", f"there is no such stream; there are {', '.join(STREAMS)}")
        headers = {"Vary": "Accept", **next_page(request.path, page.next, given)}
        if _wants_cloud_events():
            here = request.root_url.rstrip("/")
            events = [self.cloud_events.of_entry(stream, entry, schemas_url=here) for entry in page.entries]
            return answer(events, headers=headers, content_type=BATCH)
        return answer(page_to_wire(stream, page), headers=headers)

    def _follow(self, stream: str) -> Response:
        given = query("after", "type")
        return self.following.stream(
            stream, after=cursor(given, "after"), type=name_of(given, "type", chars_max=TYPE_CHARS_MAX)
        )

    def replay(self, checkout_id: str) -> Response:
        given = query("as_of")
        told = self.explainer.explain(identifier(checkout_id, "checkout_id"), as_of=cursor(given, "as_of"))
        if told is None:
            then = f" as of {given['as_of']}" if "as_of" in given else ""
            return not_found("checkout_id", f"there is no checkout {checkout_id}{then}")
        return validated(explanation_to_wire(told))

    def orders_by_client(self, client_id: str) -> Response:
        given = query("count", "after", MIN_POSITION)
        identifier(client_id, "client_id")
        count, after = page_size(given, self.limits), cursor(given, "after")
        behind = self.patience.behind(given)
        if behind is not None:
            return behind
        orders = self.orders.of_client(client_id, count=count, after=after)
        return validated(client_orders_to_wire(orders), next_page(request.path, orders.next, given))


def _wants_cloud_events() -> bool:
    """Whether they are asked for by name, and rather than JSON. Whoever accepts neither gets JSON."""
    if "cloudevents" not in request.environ.get("HTTP_ACCEPT", "").lower():
        return False
    offered = [JSON, BATCH, f"{BATCH}; charset=utf-8"]
    best = request.accept_mimetypes.best_match(offered, default=JSON)
    return best != JSON
