"""The documents over HTTP: made when first asked for, and kept."""

from functools import cached_property

import orjson
from flask import Blueprint, Response

from adapters.http.answers import validated
from adapters.http.limits import HttpLimits
from adapters.http.query import query


class ContractRoutes:
    """What takes a while to import is imported with the first question."""

    def __init__(self, limits: HttpLimits) -> None:
        self._limits = limits

    def blueprint(self) -> Blueprint:
        routes = Blueprint("contract", __name__)
        routes.get("/openapi.json")(self.openapi)
        return routes

    def openapi(self) -> Response:
        query()
        return validated(self._openapi)

    @cached_property
    def _openapi(self) -> bytes:
        from adapters.http.contract.document import document

        return orjson.dumps(document(self._limits))
