"""The AsyncAPI 3.0 document: the streams, what lies on them, and which group reads and writes what."""

from typing import Any, Final, get_args

from adapters.codec.schemas import payload_schema
from adapters.codec.shapes import Identifier, Schema
from adapters.codec.upcasters import CURRENT
from adapters.http.contract.recorded import recorded_events
from adapters.version import our_version
from application.events.origin import CORRELATION_ID_CHARS_MAX
from application.events.streams import CALLS, CHECKOUTS, INVENTORY, Event
from domain.calls.events import CallEvent
from domain.checkout.events import CheckoutEvent
from domain.checkout.saga import ALL_FACTS, SAGA, Step
from domain.inventory.events import StockEvent

Json = dict[str, Any]

_DESCRIPTION: Final = """\
Each stream is a Redis stream, and both bus and event store: what was appended stays. An entry has the fields
described here as headers, and the event itself as JSON in its field `payload`. Only `type` and `payload` are
needed to read one, or to append one from another program; such an entry is an event like any other.

Every worker reads the checkout stream in a consumer group of its own, from its beginning, and sees every
event. The HTTP side is described in /openapi.json.
"""
_CHANNELS: Final = {
    "checkouts": (
        CHECKOUTS,
        "What happens to each checkout; what its steps tell one another.",
        CheckoutEvent,
    ),
    "inventory": (INVENTORY, "What happens to the stock of each product.", StockEvent),
    "calls": (CALLS, "What is asked of services that were there before, and what they answer.", CallEvent),
}

ENTRY_FIELDS: Final[Schema] = {
    "type": "object",
    "description": "The fields of the stream entry beside `payload`. All are text, as on Redis.",
    "properties": {
        "type": {"type": "string", "description": "The event type, which is the message's name."},
        "emitted_at": {
            "type": "string",
            "pattern": r"^[0-9]{1,11}(\.[0-9]+)?$",
            "description": "Epoch seconds, whole ones; `emitted_at` in the payload has milliseconds.",
        },
        "checkout_id": {
            "anyOf": [Identifier().schema(), {"type": "string", "maxLength": 0}],
            "description": "The checkout that it belongs to; empty where it belongs to none.",
        },
        "event_id": {
            "type": "string",
            "description": "Derived from its cause; unique within its entity. `.2o` is `<entity>.2o`.",
        },
        "version": {
            "type": "string",
            "pattern": "^[0-9]{1,16}$",
            "description": "It is its entity's n-th event.",
        },
        "causation_id": {
            "type": "string",
            "description": "The event that it answers to; empty at a start. `.1r` is `<checkout_id>.1r`.",
        },
        "schema": {"type": "string", "pattern": "^[0-9]+$", "description": f"Of the entry; now {CURRENT}."},
        "traceparent": {"type": "string", "description": "W3C Trace Context of the first request."},
        "correlation_id": {
            "type": "string",
            "maxLength": CORRELATION_ID_CHARS_MAX,
            "description": "X-Correlation-ID of the first request.",
        },
    },
    "required": ["type"],
}


def asyncapi() -> Json:
    """The whole document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Comptoir's streams",
            "version": our_version(),
            "description": _DESCRIPTION,
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(*told) for name, told in _CHANNELS.items()},
        "operations": {**_api(), **{id_: made for step in SAGA for id_, made in _operations(step).items()}},
        "components": {
            "messages": {event.__name__: _message(event) for event in get_args(Event)},
            "schemas": {
                "EntryFields": ENTRY_FIELDS,
                **{event.__name__: payload_schema(event) for event in get_args(Event)},
            },
        },
    }


def _channel(address: str, description: str, events: Any) -> Json:
    return {
        "address": address,
        "title": address,
        "description": description,
        "messages": {
            event.__name__: {"$ref": f"#/components/messages/{event.__name__}"} for event in get_args(events)
        },
        "bindings": {"redis": {}},  # the binding has no fields yet: the rest is ours to say
        "x-redis": {"type": "stream", "key": address},
    }


def _message(event: type[Event]) -> Json:
    name = event.__name__
    summary, *_ = (event.__doc__ or name).strip().split("\n")
    return {
        "name": name,
        "title": name,
        "summary": summary,
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/EntryFields"},
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "correlationId": {"location": "$message.header#/correlation_id"},
        "examples": [recorded_events()[name]],
    }


def _operations(step: Step) -> Json:
    made = {step.worker: _operation("receive", step.does, step.on) | {"x-consumer-group": step.group}}
    if step.answers:
        made[f"{step.worker}-answers"] = _operation("send", f"what comes of: {step.does}", step.answers)
    return made


def _api() -> Json:
    """What no step answers is asked for over HTTP, or on the command line."""
    answered = {fact for step in SAGA for fact in step.answers}
    asked = tuple(fact for fact in ALL_FACTS if fact not in answered)
    return {"asked-for": _operation("send", "what shoppers and operators ask for", asked)}


def _operation(action: str, summary: str, facts: tuple[type[CheckoutEvent], ...]) -> Json:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/checkouts"},
        "summary": summary[0].upper() + summary[1:],
        "messages": [{"$ref": f"#/channels/checkouts/messages/{fact.__name__}"} for fact in facts],
        "bindings": {"redis": {}},
    }
