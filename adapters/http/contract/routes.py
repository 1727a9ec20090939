"""The documents over HTTP: made when first asked for, and kept."""

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

import orjson
from flask import Blueprint, Response

from adapters.http import links
from adapters.http.answers import validated
from adapters.http.contract.page_files import FILES, page_file
from adapters.http.limits import HttpLimits
from adapters.http.problems import not_found
from adapters.http.query import query

if TYPE_CHECKING:
    from adapters.http.contract.operation import ApiName

PREFIXES_KEPT: Final = 16
"""Documents that are kept, one for each prefix that a gateway cuts off."""

# The renderer styles its shadow tree from within, and draws its marks as data URLs. Nothing else may load.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class ContractRoutes:
    """What takes a while to import is imported with the first question."""

    def __init__(self, limits: HttpLimits, of: "ApiName" = "whole") -> None:
        self._limits: Final = limits
        self._of: Final = of
        self._openapi: Final = lru_cache(PREFIXES_KEPT)(self._openapi_behind)

    def blueprint(self) -> Blueprint:
        routes = Blueprint("contract", __name__)
        routes.get("/openapi.json")(self.openapi)
        routes.get("/asyncapi.json")(self.asyncapi)
        routes.get("/docs")(self.docs)
        routes.get("/docs/<asset>")(self.asset)
        return routes

    def openapi(self) -> Response:
        query()
        return validated(self._openapi(links.PREFIX.get()))

    def asyncapi(self) -> Response:
        query()
        return validated(self._asyncapi)

    def docs(self) -> Response:
        query()
        page = page_file("docs.html").replace(b"{prefix}", links.PREFIX.get().encode())
        headers = {"Content-Security-Policy": _POLICY}
        return validated(page, headers, content_type="text/html; charset=utf-8")

    def asset(self, asset: str) -> Response:
        query()
        if asset not in FILES:
            return not_found("asset", f"there is no such file; there are {', '.join(FILES)}")
        return validated(page_file(asset), content_type=FILES[asset])

    def _openapi_behind(self, prefix: str) -> bytes:
        from adapters.http.contract.document import document

        return orjson.dumps(document(self._limits, prefix, self._of))

    @cached_property
    def _asyncapi(self) -> bytes:
        from adapters.http.contract.asyncapi import asyncapi

        return orjson.dumps(asyncapi())
