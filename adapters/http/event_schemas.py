"""The JSON Schema of each event's payload, where the `dataschema` of a CloudEvent points."""

import attrs
from flask import Blueprint, Response

from adapters.codec.schemas import documents
from adapters.http.answers import answer
from adapters.http.problems import not_found
from adapters.http.query import query

SCHEMA = "application/schema+json"


@attrs.frozen
class EventSchemaRoutes:
    schemas: dict[str, bytes] = attrs.field(
        factory=lambda: {name: text.encode() for name, text in documents().items()}
    )

    def blueprint(self) -> Blueprint:
        routes = Blueprint("event_schemas", __name__, url_prefix="/schemas")
        routes.get("/<file>")(self.show)
        return routes

    def show(self, file: str) -> Response:
        query()
        schema = self.schemas.get(file)
        if schema is None:
            return not_found("file", f"there is no such schema; there are {', '.join(self.schemas)}")
        return answer(schema, content_type=SCHEMA)
