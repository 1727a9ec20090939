"""Every answer that a test gets is one that `/openapi.json` promises: status, headers, content type and body.

What the document leaves open for the future is closed here: a field or a header that it does not name fails.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012, Draft202012Validator, Registry
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.test import TestResponse

from adapters.http.contract.document import document
from adapters.http.limits import HttpLimits
from adapters.http.live.event_stream import EVENT_STREAM
from adapters.http.problem_kinds import METHOD_NOT_ALLOWED, NOT_FOUND, OVERLOADED, Kind
from adapters.http.problems import PROBLEM

Json = dict[str, Any]

NOT_WORTH_A_WORD: Final = {
    "content-type", "content-length", "cache-control", "x-content-type-options", "x-accel-buffering",
    "content-security-policy", "referrer-policy", "cross-origin-resource-policy",
}  # fmt: skip
OF_ANYWHERE: Final[Mapping[type[Exception], Kind]] = {
    NotFound: NOT_FOUND,
    MethodNotAllowed: METHOD_NOT_ALLOWED,
}
CLOSED: Final = "urn:closed"
"""The document, but that nothing may have more than it says."""
OPEN: Final = ("Payload", "Form")
"""Ends of the names of schemas that are not of answers alone: events may have more fields."""


class CheckedClient(FlaskClient):
    """A client that trusts no answer."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        check(self.application, response)
        return response


def check(app: Flask, response: TestResponse) -> None:
    """That `response` is documented."""
    request = response.request
    try:
        rule, _ = app.url_map.bind("localhost").match(request.path, request.method, return_rule=True)
    except (NotFound, MethodNotAllowed) as error:
        _check_problem_of_anywhere(response, OF_ANYWHERE[type(error)])
        return
    path = openapi_path(rule.rule)
    method = "get" if request.method == "HEAD" else request.method.lower()
    where = f"{method.upper()} {path} -> {response.status_code}"
    promised = contract()["paths"][path][method]["responses"].get(str(response.status_code))
    assert promised is not None, f"{where} is not in the contract: {response.text}"
    _check_headers(where, promised["headers"], response)
    contents = promised.get("content", {})
    if contents and request.method != "HEAD":
        assert response.mimetype in contents, f"{where}: {response.content_type} is not in the contract"
        if response.mimetype != EVENT_STREAM:  # which may have no end
            _check_body(where, (path, method, str(response.status_code), response.mimetype or ""), response)
    else:
        assert not response.data, f"{where} has a body"


def openapi_path(rule: str) -> str:
    """A path of ours as OpenAPI writes it."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)


@cache
def contract() -> Json:
    """The document."""
    return document(HttpLimits())


def _check_headers(where: str, promised: Json, response: TestResponse) -> None:
    found = {name.lower() for name, _ in response.headers} - NOT_WORTH_A_WORD
    unknown = found - {name.lower() for name in promised}
    assert not unknown, f"{where}: not in the contract: {unknown}"
    for name, given in promised.items():
        header = contract()["components"]["headers"][name] if "$ref" in given else given
        if name in response.headers:
            _header_validator(json.dumps(header["schema"])).validate(response.headers[name])
        else:
            assert not header["required"], f"{where}: {name} is missing"


@cache
def _header_validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema))


def _check_body(where: str, place: tuple[str, str, str, str], response: TestResponse) -> None:
    body = response.get_json() if place[3].endswith("json") else response.text
    errors = [f"{error.instance_path}: {error.message}" for error in _validator(*place).iter_errors(body)]
    assert not errors, f"{where}: {errors}: {response.text}"


@cache
def _validator(path: str, method: str, status: str, content_type: str) -> Draft202012Validator:
    place = ("paths", path, method, "responses", status, "content", content_type, "schema")
    return _closed_validator(*place)


def _check_problem_of_anywhere(response: TestResponse, kind: Kind) -> None:
    assert response.content_type == PROBLEM
    if response.request.method != "HEAD":
        assert response.get_json()["type"].endswith((kind.type, OVERLOADED.type))
        problem_validator().validate(response.get_json())


@cache
def problem_validator() -> Draft202012Validator:
    """Of a problem of any kind."""
    return _closed_validator("components", "schemas", "Problem")


def _closed_validator(*place: str) -> Draft202012Validator:
    steps = "/".join(quote(step.replace("~", "~0").replace("/", "~1"), safe="~") for step in place)
    return Draft202012Validator({"$ref": f"{CLOSED}#/{steps}"}, registry=_registry())


@cache
def _registry() -> Registry:
    schemas = {
        name: made if name.endswith(OPEN) else closed(made)
        for name, made in contract()["components"]["schemas"].items()
    }
    whole = {"paths": closed(contract()["paths"]), "components": {"schemas": schemas}}
    return Registry([(CLOSED, whole)], draft=Draft202012)


def closed(schema: Any) -> Any:
    """The same, but that no object may have fields it does not name."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(value) for name, value in schema.items()}
    if "object" in schema.get("type", ()) and "properties" in schema:
        made.setdefault("additionalProperties", False)
    return made
