"""The pages that the `type` of a problem leads to."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from http import HTTPStatus
from pathlib import Path
from typing import Final

import adapters
from adapters.http import problem_kinds
from adapters.http.problem_kinds import KINDS, Kind
from tests.each_row import each_row
from tests.unit.http.rig import START, Rig, assert_problem, body

HTML: Final = "text/html; charset=utf-8"
ADAPTERS: Final = Path(adapters.__file__).parent
SOURCES: Final = [path for path in ADAPTERS.rglob("*.py") if path.name != "problem_kinds.py"]
BROWSER: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
every_kind = each_row("kind", KINDS.values())


class Reader(HTMLParser):
    """The words and the links of a page; every tag that is opened must be closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if name in ("href", "src") and value]
        if tag not in ("meta", "link", "br"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@every_kind
def test_the_type_of_every_problem_leads_to_a_page_that_tells_what_to_do(rig: Rig, kind: Kind) -> None:
    response = rig.client.get(kind.type, headers={"Accept": BROWSER})

    assert (response.status_code, response.content_type) == (200, HTML)
    text = Reader(response.text).text
    for said in (kind.title, kind.meaning, kind.remedy, f"{kind.status} {HTTPStatus(kind.status).phrase}"):
        assert said.replace("`", "") in text
    assert f'"type": "{kind.type}"' in text


@every_kind
def test_a_program_gets_the_same_as_json(rig: Rig, kind: Kind) -> None:
    response = rig.client.get(kind.type, headers={"Accept": "application/json"})

    assert response.content_type == "application/json"
    assert response.json == {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "meaning": kind.meaning,
        "remedy": kind.remedy,
        "example": kind.as_answered,
    }


def test_the_list_leads_to_every_page_and_each_page_back_to_the_list(rig: Rig) -> None:
    listed = Reader(rig.client.get("/problems").text).links

    assert sorted(listed) == sorted(kind.type for kind in KINDS.values())
    assert all(Reader(rig.client.get(path).text).links == ["/problems"] for path in listed)
    told = rig.client.get("/problems", headers={"Accept": "application/json"}).get_json()["problems"]
    assert {one["type"] for one in told} == set(listed)


def test_a_problem_that_is_met_is_explained_at_its_type(rig: Rig) -> None:
    met = assert_problem(rig.post(START, body(client_id="no spaces")), 422)

    page = rig.client.get(met["type"])

    assert (page.status_code, met["title"] in page.text) == (200, True)


@each_row(
    ("accept", "content_type"),
    [
        (None, HTML),
        ("*/*", HTML),
        ("text/*", HTML),
        ("image/png", HTML),
        ("application/problem+json", "application/json"),
        ("application/json, text/html;q=0.5", "application/json"),
        ("application/json;q=0.5, text/html", HTML),
    ],
)
def test_whoever_prefers_nothing_gets_the_page(rig: Rig, accept: str | None, content_type: str) -> None:
    response = rig.client.get("/problems/not-found", headers={"Accept": accept} if accept else {})

    assert response.content_type == content_type
    assert response.headers["Vary"] == "Accept"


def test_a_page_needs_nothing_else_and_may_run_nothing(rig: Rig) -> None:
    response = rig.client.get("/problems/refused")

    (style,) = re.findall("<style>(.*?)</style>", response.text, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = response.headers["Content-Security-Policy"]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"
    assert not re.search(r"<script|<link|@import|url\(|style=|\son\w+=", response.text)


@each_row("name", ["nothing", "Not-Found", "not-found.html", "..", "%2e%2e", "<script>"])
def test_a_page_of_no_kind_is_not_found(rig: Rig, name: str) -> None:
    assert_problem(rig.client.get(f"/problems/{name}"), 404, type="/problems/not-found")


def test_every_kind_is_answered_somewhere_and_no_other_is() -> None:
    sources = "\n".join(path.read_text() for path in SOURCES)

    constants = {name: value for name, value in vars(problem_kinds).items() if isinstance(value, Kind)}
    assert sorted(KINDS) == sorted(kind.name for kind in constants.values())
    assert set(constants) - set(re.findall(r"\w+", sources)) == set()
    assert not re.search(r"\bKind\(", sources)
