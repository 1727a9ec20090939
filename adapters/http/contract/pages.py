"""This description itself, for programs and for people."""

from typing import Final

from adapters.codec.shapes import Schema
from adapters.http import problem_kinds as kinds
from adapters.http.contract.operation import NO_PARAMETERS, Answer, Example, Operation
from adapters.http.contract.schemas import TEXT

TAG: Final = "Contract"

SCHEMAS: Final[dict[str, Schema]] = {}
_OBJECT: Final[Schema] = {"type": "object"}


def _page(path: str, method: str, id: str, summary: str, *answers: Answer, asset: str = "") -> Operation:
    return Operation(
        "GET",
        path,
        endpoint=f"contract.{method}",
        id=id,
        summary=summary,
        answers=answers,
        validated=True,
        problems=(kinds.NOT_FOUND,) if asset else (),
        examples=(Example("now", path={"asset": asset} if asset else NO_PARAMETERS),),
        stored=False,
    )


_DOCUMENT: Final = Answer(200, "The document.", _OBJECT, recorded=False)
_HTML: Final = Answer(200, "The page.", TEXT, content_type="text/html", recorded=False)
_SCRIPT: Final = Answer(200, "A script.", TEXT, content_type="text/javascript", recorded=False)
_LICENCE: Final = Answer(200, "A licence.", TEXT, content_type="text/plain", recorded=False)

OPERATIONS: Final = (
    _page("/openapi.json", "openapi", "showOpenApi", "This document (OpenAPI 3.1)", _DOCUMENT),
    _page(
        "/asyncapi.json", "asyncapi", "showAsyncApi", "The streams and their events (AsyncAPI 3.0)", _DOCUMENT
    ),
    _page("/docs", "docs", "showDocs", "This document as a page for people", _HTML),
    _page(
        "/docs/{asset}",
        "asset",
        "showDocsAsset",
        "What that page is made with",
        _SCRIPT,
        _LICENCE,
        asset="rapidoc-min.js",
    ),
)
