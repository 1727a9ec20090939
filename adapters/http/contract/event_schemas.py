"""The JSON Schema of every event's payload."""

from typing import Final

from adapters.codec.shapes import Schema
from adapters.http import problem_kinds as kinds
from adapters.http.contract.operation import Answer, Example, Operation
from adapters.http.event_schemas import SCHEMA

TAG: Final = "Event schemas"

SCHEMAS: Final[dict[str, Schema]] = {}

OPERATIONS: Final = (
    Operation(
        "GET",
        "/schemas/{file}",
        endpoint="event_schemas.show",
        id="showEventSchema",
        summary="The JSON Schema of an event type's payload",
        answers=(Answer(200, "The schema (2020-12).", {"type": "object"}, content_type=SCHEMA),),
        problems=(kinds.NOT_FOUND,),
        examples=(Example("of the first event", path={"file": "CheckoutInitiated.json"}),),
        stored=False,
    ),
)
