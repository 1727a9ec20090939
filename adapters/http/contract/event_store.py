"""What the streams hold, what became of one checkout, and which orders a client has."""

from typing import Final, get_args

from adapters.codec.cloud_events import BATCH
from adapters.codec.schemas import payload_schema
from adapters.codec.shapes import Schema
from adapters.http import problem_kinds as kinds
from adapters.http.contract.calls import CALL_FIELDS, NOTES
from adapters.http.contract.checkouts import CHECKOUT, STATE
from adapters.http.contract.dead_letters import DECISION
from adapters.http.contract.interventions import OPEN_CHECKOUT
from adapters.http.contract.operation import Answer, Example, Operation
from adapters.http.contract.parameters import (
    AFTER,
    BEHIND,
    COUNT,
    LAST_EVENT_ID,
    MIN_POSITION,
    VARY,
    choice_parameter,
    cursor_parameter,
    text_parameter,
)
from adapters.http.contract.schemas import (
    AMOUNT,
    ID,
    NUMBER,
    PATH,
    POSITION,
    SECONDS,
    TEXT,
    VERSION,
    links,
    list_of,
    maybe,
    named,
    one_of,
    page,
    record,
)
from adapters.http.event_store import TYPE_CHARS_MAX
from adapters.http.live.event_stream import EVENT_STREAM
from application.events.streams import CHECKOUTS, STREAMS, Event
from application.ports.read_model import OrderStatus
from application.questions.checkout_troubles import TroubleState
from domain.checkout.evolving import OPERATOR
from domain.checkout.saga import ALL_FACTS, STEPS

TAG: Final = "Event store"

_PAYLOADS: Final[dict[str, Schema]] = {
    f"{event_type.__name__}Payload": payload_schema(event_type) for event_type in get_args(Event)
}
_ENVELOPE: Final[dict[str, Schema]] = {
    "position": POSITION,
    "version": maybe(VERSION),
    "emitted_at": maybe(SECONDS),
    "causation_id": maybe(TEXT) | {"description": "The event that this one answers to."},
    "traceparent": maybe(TEXT),
    "correlation_id": maybe(TEXT),
}
_CLOUD_ATTRIBUTES: Final = (
    "subject", "eventid", "checkoutid", "causationid", "correlationid", "traceparent", "malformed",
)  # fmt: skip
SCHEMAS: Final = {
    "EventPage": page("events", named("StoredEntry"), stream=one_of(*STREAMS)),
    "StoredEntry": record(
        ("malformed",),
        **_ENVELOPE,
        type=maybe(TEXT),
        checkout_id=maybe(TEXT),
        event_id=maybe(TEXT) | {"description": "null for what another program wrote; its position serves."},
        recorded_at=SECONDS,
        payload={"description": "As the schema of its type says; text where the entry is malformed."},
        malformed=TEXT | {"description": "What is wrong, where the entry is no event."},
    ),
    "Replay": record(
        checkout_id=ID,
        client_id=ID,
        **STATE,
        version=VERSION,
        events=list_of(named("ReplayedEvent")),
        waiting=maybe(named("Waiting")) | {"description": "null once it has ended, and with `as_of`."},
        troubles=list_of(named("Trouble"))
        | {"description": "Steps that did not manage with an event of it; none with `as_of`."},
        calls=list_of(record(**CALL_FIELDS, notes=NOTES))
        | {"description": "What was asked of existing services for it."},
    ),
    "Waiting": record(
        waits_for=one_of(*STEPS, OPERATOR) | {"description": "A worker, or a person."},
        to=TEXT | {"description": "What that one is to do."},
        since=SECONDS,
        why=TEXT | {"description": "Why it is not done yet, as far as it is known."},
        advice=TEXT | {"description": "What a person can do about it."},
    ),
    "Trouble": record(
        step=one_of(*STEPS),
        type=one_of(*(fact.__name__ for fact in ALL_FACTS)),
        position=POSITION | {"description": "Of the event."},
        state=one_of(*get_args(TroubleState))
        | {"description": "Tried again by itself, or a dead letter and what was decided about it."},
        attempts=NUMBER,
        failed_at=maybe(SECONDS),
        error=maybe(TEXT) | {"description": "Of the last attempt; null where it is not remembered."},
        dead_letter=maybe(TEXT),
        decision=DECISION,
        links=links(optional=("dead_letter",)),
    ),
    "ReplayedEvent": record(
        **_ENVELOPE,
        type=one_of(*(fact.__name__ for fact in ALL_FACTS)),
        id=TEXT,
        payload={"anyOf": [named(f"{fact.__name__}Payload") for fact in ALL_FACTS]},
        after=named("CheckoutState"),
    ),
    "CloudEvent": record(
        (*_CLOUD_ATTRIBUTES, "time", "dataschema", "entityversion"),
        specversion={"const": "1.0"},
        id=POSITION,
        source=PATH,
        type=TEXT,
        sequence=TEXT,
        datacontenttype=one_of("application/json", "text/plain"),
        time={"type": "string", "format": "date-time"},
        dataschema={"type": "string", "format": "uri"},
        entityversion=VERSION,
        **dict.fromkeys(_CLOUD_ATTRIBUTES, TEXT),
        data={"description": "The payload."},
    ),
    "CheckoutState": record(**STATE),
    "ClientOrders": page(
        "orders",
        named("OrderRow"),
        client_id=ID,
        total_orders=NUMBER,
        total_failed=NUMBER,
        last_order_id=maybe(ID),
        last_checkout_id=maybe(ID),
        last_update_ts=maybe(SECONDS),
    ),
    "OrderRow": record(
        commande_id=maybe(ID),
        checkout_id=ID,
        status=one_of(*get_args(OrderStatus)),
        total=maybe(AMOUNT),
        reason=maybe(TEXT),
        updated_at=SECONDS,
    ),
    **_PAYLOADS,
}

OPERATIONS: Final = (
    Operation(
        "GET",
        "/api/event-store/streams/{stream}/events",
        endpoint="event_store.list_events",
        id="listEvents",
        summary="The events of a stream, page by page",
        description="Everything that lies on the stream, also what another program wrote and what is no "
        "event at all. A page may have fewer events than asked for and still not be the last: `next` tells. "
        "As an event stream (`Accept: text/event-stream`), those that come from now on, or after the last "
        "one seen; `count` and `order` are for pages only.",
        parameters=(
            COUNT,
            AFTER,
            text_parameter("type", "Only events of this type.", chars_max=TYPE_CHARS_MAX),
            choice_parameter("order", "Oldest first, or newest first.", "asc", "desc"),
            LAST_EVENT_ID,
        ),
        answers=(
            Answer(200, "A page of events.", named("EventPage"), headers=(VARY,)),
            Answer(
                200,
                "As CloudEvents, for whoever accepts these rather than JSON.",
                list_of(named("CloudEvent")),
                headers=(VARY,),
                content_type=BATCH,
            ),
            Answer(200, "Events as they come.", TEXT, headers=(VARY,), content_type=EVENT_STREAM),
        ),
        paged=True,
        problems=(kinds.NOT_FOUND, kinds.TOO_MANY_FOLLOWERS),
        examples=(
            Example("the first two events", path={"stream": CHECKOUTS}, query={"count": "2"}),
            Example(
                "the newest of a type",
                path={"stream": CHECKOUTS},
                query={"type": "CheckoutFailed", "order": "desc", "count": "1"},
            ),
        ),
    ),
    Operation(
        "GET",
        "/api/event-store/replay/checkout/{checkout_id}",
        endpoint="event_store.replay",
        id="replayCheckout",
        summary="What happened to a checkout, event by event",
        description="Each event, and how the checkout stood after it. Nothing but a read: a replay has no "
        "effects. `as_of` tells the story up to then. For one that is open: whose turn it is, why that is "
        "not over, and what to do.",
        parameters=(cursor_parameter("as_of", "A position, or seconds since the epoch."),),
        answers=(Answer(200, "The checkout's story.", named("Replay")),),
        validated=True,
        problems=(kinds.NOT_FOUND,),
        examples=(
            Example("the whole story", path={"checkout_id": CHECKOUT}),
            Example("one that waits for a person", path={"checkout_id": OPEN_CHECKOUT}),
            Example("at its start", path={"checkout_id": CHECKOUT}, query={"as_of": "1700000000.0"}),
        ),
    ),
    Operation(
        "GET",
        "/api/event-store/cqrs/orders-by-client/{client_id}",
        endpoint="event_store.orders_by_client",
        id="listOrdersOfClient",
        summary="A client's orders, newest first",
        description="The read model, which may be a moment behind. A client never seen has zeros, no rows.",
        parameters=(COUNT, AFTER, MIN_POSITION),
        answers=(Answer(200, "Figures and a page of orders.", named("ClientOrders")), BEHIND),
        validated=True,
        paged=True,
        examples=(Example("an order, and a checkout that failed", path={"client_id": "ada"}),),
    ),
)
