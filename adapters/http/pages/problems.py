"""What a problem's `type` leads to: a page for people, or the same as JSON for programs."""

from base64 import b64encode
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Final

import attrs
import orjson
from flask import Blueprint, Response, render_template, request
from markupsafe import Markup

from adapters.http import links
from adapters.http.answers import JSON, answer
from adapters.http.problem_kinds import KINDS, Kind
from adapters.http.problems import not_found
from adapters.http.query import query

HTML: Final = "text/html"
_STYLE: Final = (Path(__file__).parent / "problems.css").read_text()
_STYLE_HASH: Final = b64encode(sha256(_STYLE.encode()).digest()).decode()
_SORTED: Final = sorted(KINDS.values(), key=lambda kind: (kind.status, kind.name))
_POLICY: Final = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'"
_HEADERS: Final = {"Vary": "Accept", "Content-Security-Policy": _POLICY}


@attrs.frozen
class ProblemRoutes:
    def blueprint(self) -> Blueprint:
        routes = Blueprint("problems", __name__, url_prefix="/problems", template_folder=".")
        routes.get("")(self.list_all)
        routes.get("/<name>")(self.show)
        return routes

    def list_all(self) -> Response:
        query()
        if _wants_json():
            return answer({"problems": [_kind_to_wire(kind) for kind in _SORTED]}, headers=_HEADERS)
        return _page(kind=None, kinds=_SORTED)

    def show(self, name: str) -> Response:
        query()
        kind = KINDS.get(name)
        if kind is None:
            return not_found("name", f"there is no such problem; {links.PREFIX.get()}/problems lists them")
        if _wants_json():
            return answer(_kind_to_wire(kind), headers=_HEADERS)
        example = orjson.dumps(_example(kind), option=orjson.OPT_INDENT_2).decode()
        return _page(kind=kind, phrase=HTTPStatus(kind.status).phrase, example=example)


def _wants_json() -> bool:
    """Whether JSON is asked for rather than a page. Whoever takes anything is taken for a person."""
    offered = [HTML, JSON, "application/problem+json"]
    return request.accept_mimetypes.best_match(offered, default=HTML) != HTML


def _kind_to_wire(kind: Kind) -> dict[str, object]:
    example = _example(kind)
    return {
        "type": example["type"],
        "title": kind.title,
        "status": kind.status,
        "meaning": kind.meaning,
        "remedy": kind.remedy,
        "example": example,
    }


def _example(kind: Kind) -> dict[str, object]:
    return kind.as_answered | {"type": links.PREFIX.get() + kind.type}


def _page(**told: object) -> Response:
    style = Markup(_STYLE)  # noqa: S704 - a file of ours
    page = render_template("problems.html", style=style, prefix=links.PREFIX.get(), **told)
    return answer(page.encode(), headers=_HEADERS, content_type=f"{HTML}; charset=utf-8")
