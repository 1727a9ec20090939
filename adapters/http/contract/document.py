"""The OpenAPI 3.1 document, put together from the operations."""

import re
from collections.abc import Iterable
from typing import Any, Final

from adapters.codec.schemas import DIALECT
from adapters.http.contract.catalogue import APIS, TAG_OF
from adapters.http.contract.components import (
    EVERY_ANSWER,
    HEADERS,
    OF_PROBLEMS,
    PROBLEM_SCHEMA,
    SECURITY_SCHEMES,
    type_of,
)
from adapters.http.contract.introduction import introduction
from adapters.http.contract.operation import Answer, ApiName, Example, Header, Operation, Parameter
from adapters.http.contract.parameters import ETAG, EVERY_REQUEST, IF_NONE_MATCH, LINK, PATH_PARAMETERS
from adapters.http.contract.recorded import recorded
from adapters.http.contract.schemas import named
from adapters.http.door.access import Access
from adapters.http.limits import HttpLimits
from adapters.http.live.event_stream import EVENT_STREAM
from adapters.http.problem_kinds import KINDS, Kind
from adapters.http.problems import PROBLEM
from adapters.version import our_version

Json = dict[str, Any]

placeholders: Final = re.compile(r"{(\w+)}").findall


def document(limits: HttpLimits, prefix: str = "", of: ApiName = "whole") -> Json:
    """The document of a service with these limits. `prefix`: what a gateway cuts off the path."""
    api = APIS[of]
    paths: dict[str, Json] = {}
    for operation in api.operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, limits)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": DIALECT,
        "info": {
            "title": api.title,
            "version": our_version(),
            "summary": api.summary,
            "description": introduction(limits, prefix, reads_only=api.reads_only),
        },
        "servers": [{"url": prefix or "/"}],
        "tags": [{"name": name, "description": meaning} for name, meaning in api.tags.items()],
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM_SCHEMA, **api.schemas},
            "examples": {kind.name: _problem_example(kind) for kind in KINDS.values()},
            "headers": {header.name: _header(header) for header in HEADERS},
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def _operation(operation: Operation, limits: HttpLimits) -> Json:
    validating = (IF_NONE_MATCH,) if operation.validated else ()
    asked = (*operation.parameters, *validating, *EVERY_REQUEST)
    made: Json = {
        "operationId": operation.id,
        "tags": [TAG_OF[operation.id]],
        "summary": operation.summary,
        "description": operation.description,
        "parameters": [*_path_parameters(operation), *(_parameter(p, limits) for p in asked)],
        "responses": _responses(operation),
    }
    if operation.body is not None:
        made["requestBody"] = _body(operation, limits)
    return {name: value for name, value in made.items() if value} | {"security": _security(operation.access)}


def _security(access: Access) -> list[dict[str, list[str]]]:
    """A key with the scope, in either way, or none at all where no keys are in force."""
    scopes: list[str] = [access]
    return [] if access == "open" else [*({name: scopes} for name in SECURITY_SCHEMES), {}]


def _path_parameters(operation: Operation) -> list[Json]:
    asked = operation.examples[0].path
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": PATH_PARAMETERS[name][0],
            "schema": PATH_PARAMETERS[name][1],
            "example": asked[name],
        }
        for name in placeholders(operation.path)
    ]


def _parameter(parameter: Parameter, limits: HttpLimits) -> Json:
    made = {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.description,
        "schema": parameter.within(limits),
    }
    return made if parameter.example is None else made | {"example": parameter.example}


def _body(operation: Operation, limits: HttpLimits) -> Json:
    return {
        "description": f"JSON (RFC 8259) in UTF-8, at most {limits.body_max_bytes:,} bytes.",
        "required": True,
        "content": {
            "application/json": {
                "schema": operation.body,
                "examples": {_key(example): _shown(example, example.body) for example in operation.examples},
            }
        },
    }


def _responses(operation: Operation) -> Json:
    """Status -> its answers; what is hoped for first, then the problems."""
    made: Json = {}
    for answer in operation.answers:
        _add(made, str(answer.status), _answer(operation, answer))
    if operation.validated:
        made["304"] = _unchanged(made["200"])
    by_status: dict[str, list[Kind]] = {}
    for kind in operation.every_problem:
        by_status.setdefault(str(kind.status), []).append(kind)
    for status, kinds in by_status.items():
        _add(made, status, _problem(kinds))
    return made


def _unchanged(answer: Json) -> Json:
    """304: the headers, but for those that only some of its like have, without the body."""
    headers = {name: _maybe(name) for name in answer["headers"]} | {ETAG.name: _ref(ETAG)}
    return {"description": "The caller has it already (If-None-Match).", "headers": headers}


def _answer(operation: Operation, answer: Answer) -> Json:
    made: Json = {
        "description": answer.description,
        "headers": _headers((*answer.headers, *_of_form(operation, answer))),
    }
    if answer.schema is None:
        return made
    content: Json = {"schema": answer.schema}
    examples = recorded(operation.id, answer.status)
    if examples:
        content["examples"] = {
            _key(example): _shown(example, examples[example.name])
            for example in operation.examples
            if example.name in examples
        }
    return made | {"content": {answer.content_type: content}}


def _of_form(operation: Operation, answer: Answer) -> Iterable[Header]:
    if answer.status == 200 and answer.content_type != EVENT_STREAM:
        yield from (LINK,) if operation.paged else ()
        yield from (ETAG,) if operation.validated else ()


def _problem(kinds: Iterable[Kind]) -> Json:
    """The problems of one status."""
    found = list(kinds)
    schema = {"allOf": [named("Problem"), {"properties": {"type": type_of(*found)}}]}
    examples = {kind.name: {"$ref": f"#/components/examples/{kind.name}"} for kind in found}
    return {
        "description": " Or: ".join(kind.meaning for kind in found),
        "headers": _headers(OF_PROBLEMS.get(found[0].status, ())),
        "content": {PROBLEM: {"schema": schema, "examples": examples}},
    }


def _add(responses: Json, status: str, answer: Json) -> None:
    """Another answer of a status. A header that only one of them has may be missing."""
    other = responses.get(status)
    if other is not None:
        answer = {
            "description": f"{other['description']} Or: {answer['description']}",
            "headers": {
                name: ref if name in answer["headers"] and name in other["headers"] else _maybe(name)
                for name, ref in (other["headers"] | answer["headers"]).items()
            },
            "content": other["content"] | answer["content"],
        }
    responses[status] = answer


def _maybe(name: str) -> Json:
    return next(_header(header) for header in HEADERS if header.name == name) | {"required": False}


def _headers(headers: Iterable[Header]) -> Json:
    return {header.name: _ref(header) for header in (*headers, *EVERY_ANSWER)}


def _ref(header: Header) -> Json:
    return {"$ref": f"#/components/headers/{header.name}"}


def _header(header: Header) -> Json:
    return {"description": header.description, "schema": header.schema, "required": header.always}


def _key(example: Example) -> str:
    return example.name.replace(" ", "-").replace(",", "")


def _shown(example: Example, value: object) -> Json:
    return {"summary": example.name[0].upper() + example.name[1:], "value": value}


def _problem_example(kind: Kind) -> Json:
    return {"summary": kind.title, "description": kind.remedy, "value": kind.as_answered}
