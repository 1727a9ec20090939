"""This description itself, for programs and for people."""

from typing import Final

from adapters.codec.shapes import Schema
from adapters.http.contract.operation import Answer, Example, Operation

TAG: Final = "Contract"

SCHEMAS: Final[dict[str, Schema]] = {}
_DOCUMENT: Final[Schema] = {"type": "object"}


def _page(path: str, method: str, id: str, summary: str, answer: Answer) -> Operation:
    return Operation(
        "GET",
        path,
        endpoint=f"contract.{method}",
        id=id,
        tag=TAG,
        summary=summary,
        answers=(answer,),
        validated=True,
        examples=(Example("now"),),
        stored=False,
    )


def _document(path: str, method: str, id: str, summary: str) -> Operation:
    answer = Answer(200, "The document.", _DOCUMENT, recorded=False)
    return _page(path, method, id, summary, answer)


OPERATIONS: Final = (_document("/openapi.json", "openapi", "showOpenApi", "This document (OpenAPI 3.1)"),)
