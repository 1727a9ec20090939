"""The documents keep to the code: what they show was run here, what they name exists."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import attrs
import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry

from adapters.inmemory.event_bus import fields_of
from adapters.telemetry.admission import AdmissionFigures
from adapters.telemetry.batch_histogram import BatchHistogram
from adapters.telemetry.build_info import BuildInfo
from adapters.telemetry.metrics import Metrics
from adapters.telemetry.requests import REQUESTS
from adapters.telemetry.saga_durations import SagaDurations
from adapters.telemetry.server import ServerGauges
from adapters.telemetry.service_calls import ServiceFigures
from docs import flow, settings
from domain.checkout.saga import SAGA
from entrypoints.api import application_of
from entrypoints.settings import WORKERS, Settings
from tests.each_row import each_row
from tests.shop import Shop
from tests.terminal import Terminal

ROOT: Final = Path(__file__).parents[2]
README: Final = ROOT / "README.md"
ARCHITECTURE: Final = ROOT / "docs" / "architecture.md"
METRICS: Final = ROOT / "docs" / "metrics.md"
CONTRIBUTING: Final = ROOT / "CONTRIBUTING.md"
PAGES: Final = [README, CONTRIBUTING, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
EACH_PAGE: Final = each_row("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))

FOLDERS: Final = ("domain/", "application/", "adapters/", "entrypoints/", "tests/", "docs/", "requirements/")
MADE_LATER: Final = {
    "application/ports/parcels.py",
    "application/steps/pack_parcel.py",
    "docs/adr/NNNN-title.md",
}
"""Files that a worked example tells the reader to make."""

ELSEWHERE: Final = ("http://", "https://", "mailto:")


@attrs.frozen
class Example:
    """A command in a document, and the lines shown below it."""

    command: str
    shown: str


def blocks(page: Path, kind: str) -> list[str]:
    """The code blocks of a page whose first line says `kind`."""
    return re.findall(rf"^```{re.escape(kind)}\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)


def examples(page: Path) -> Iterator[Example]:
    """The commands in a page's console blocks. A command goes on while a quote is open."""
    for block in blocks(page, "console"):
        lines = block.splitlines()
        while lines:
            command = lines.pop(0).removeprefix("$ ")
            while command.count("'") % 2:
                command += f"\n{lines.pop(0)}"
            shown = []
            while lines and not lines[0].startswith("$ "):
                shown.append(lines.pop(0))
            yield Example(command, "\n".join(shown))


def timeless(text: str) -> str:
    """`text` without what differs from run to run, and without its layout."""
    for pattern, instead in (
        (r"\b\d{13}-\d+", "POSITION"),
        (r"\b1\d{9}(\.\d+)?\b", "0"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "MOMENT"),
        (r"\d\d:\d\d:\d\d\.\d{3}", "TIME"),
        (r"\+\d+ ms", "LATER"),
        (r"─+", "-"),
    ):
        text = re.sub(pattern, instead, text)
    return " ".join(text.split())


def parsed(shown: str) -> Any:
    """The JSON that a document shows; what it leaves out (`...`) stands under that name."""
    for left_out, instead in (("[...]", '["..."]'), ("{...}", '{"...": 0}'), (", ...}", ', "...": 0}')):
        shown = shown.replace(left_out, instead)
    return json.loads(timeless(shown))


def agrees(shown: Any, real: Any) -> bool:
    """Whether `real` is what was shown, apart from what was left out."""
    match shown:
        case {"...": _, **said}:
            return all(name in real and agrees(value, real[name]) for name, value in said.items())
        case dict():
            return shown.keys() == real.keys() and all(agrees(shown[name], real[name]) for name in shown)
        case ["..."]:
            return bool(real)
        case list():
            return len(shown) == len(real) and all(map(agrees, shown, real))
        case _:
            return bool(shown == real)


def curl(client: FlaskClient, command: str) -> tuple[int, str]:
    """Do what a curl command would, without a network; the status and the body."""
    words = shlex.split(command)[1:]
    headers, body, url = {}, None, ""
    while words:
        match words.pop(0):
            case "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            case "--json":
                body = words.pop(0)
            case word:
                url = word
    path = urlsplit(f"//{url}")
    query = f"?{path.query}" if path.query else ""
    answer = client.open(
        f"{path.path}{query}",
        method="GET" if body is None else "POST",
        data=body,
        headers=headers,
        content_type=None if body is None else "application/json",
    )
    return answer.status_code, answer.text


def is_problem(shown: Any) -> bool:
    """Whether it is an error (RFC 9457)."""
    return str(shown.get("type", "")).startswith("/problems/")


def xadd(shop: Shop, command: str) -> None:
    """Do what a `redis-cli ... XADD` would."""
    words = shlex.split(command)
    stream, _, *fields = words[words.index("XADD") + 1 :]
    shop.log.add(stream, fields_of(**dict(zip(fields[::2], fields[1::2], strict=True))))


def test_what_the_readme_shows_is_what_the_service_answers() -> None:
    shop = Shop()
    terminal, client = Terminal(shop=shop), application_of(shop.container).test_client()
    done = []
    for example in examples(README):
        stdin, _, command = example.command.rpartition(" | ")
        match command.split()[0]:
            case "curl":
                status, body = curl(client, command)
                shown = parsed(example.shown)
                assert agrees(shown, json.loads(timeless(body))), f"{example.command}\n{body}"
                assert (status >= 400) == is_problem(shown)
            case "comptoir":
                piped = shlex.split(stdin)[1].encode() if stdin else b""
                outcome = terminal.run(*shlex.split(command)[1:], stdin=piped)
                assert outcome.code == 0, outcome
                assert not example.shown or timeless(example.shown) == timeless(outcome.out)
            case "redis-cli" if "XADD" in command:
                xadd(shop, command)
            case "redis-cli" | "make":
                continue
            case unknown:
                raise AssertionError(f"nobody runs {unknown} here")
        done.append(command.split()[0])
        shop.run()
    assert {"curl", "comptoir", "redis-cli"} <= set(done)
    assert shop.replay("web-1001").view.status == "succeeded"


@EACH_PAGE
def test_code_that_is_marked_to_run_runs(page: Path) -> None:
    known: dict[str, Any] = {}
    for block in blocks(page, "python run"):
        exec(compile(block, page.name, "exec"), known)  # noqa: S102 - our own documents
    for name, test in list(known.items()):
        if name.startswith("test_"):
            test()


def test_the_worked_example_ends_in_a_test() -> None:
    assert "def test_" in blocks(README, "python run")[-1]


def test_the_picture_is_the_saga_as_it_is() -> None:
    assert flow.PICTURE.read_text() == flow.svg(), "run: python -m docs.flow"


def test_the_picture_names_every_worker_and_every_fact() -> None:
    words = " ".join(re.findall(r">([^<>]+)</text>", flow.svg()))
    assert all(step.worker in words for step in SAGA)
    assert all(
        re.sub(r"(?<=[a-z])(?=[A-Z])", " ", fact.__name__) in words for step in SAGA for fact in step.on
    )


def test_the_table_of_settings_is_the_settings() -> None:
    text = settings.PAGE.read_text()
    assert text == settings.with_table(text), "run: python -m docs.settings"
    assert settings.table() in text


def test_the_readme_names_each_workers_metrics_port() -> None:
    text = " ".join(README.read_text().split())
    for worker in WORKERS:
        assert f"{Settings().metrics_port_of(worker)} `{worker}`" in text


def test_the_page_of_metrics_names_every_one_and_no_other() -> None:
    registry = CollectorRegistry()
    for registers in (Metrics, SagaDurations, ServiceFigures):
        registers(registry)
    container = Shop().container
    collectors = (
        ServerGauges(lambda: pytest.fail("nobody asks the server here")),
        container.open_checkout_gauges(),
        container.dead_letter_gauges(),
        container.doubt_gauges(),
        BuildInfo(),
        BatchHistogram(*REQUESTS),
    )
    described = [family for collector in collectors for family in collector.describe()]
    offered = {family.name for family in (*registry.collect(), *described, *AdmissionFigures({}).collect())}
    _, _, table = METRICS.read_text().partition("| Metric |")
    rows = table.partition("\n\n")[0].splitlines()[2:]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert {name.removesuffix("_total") for name in named} == offered


@EACH_PAGE
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if not target.startswith((*ELSEWHERE, "#")):
            assert (page.parent / target.partition("#")[0]).exists(), target


@EACH_PAGE
def test_every_file_named_exists(page: Path) -> None:
    for name in re.findall(r"`([\w./-]+)`", page.read_text()):
        if name.startswith(FOLDERS) and "*" not in name and name not in MADE_LATER:
            assert (ROOT / name).exists(), name


@EACH_PAGE
def test_every_test_named_stands_in_the_file_before_it(page: Path) -> None:
    for file, name in re.findall(r"`(tests/[\w/]+\.py)`: `(test_\w+)`", page.read_text()):
        assert f"def {name}(" in (ROOT / file).read_text(), name


def test_each_package_of_the_application_is_told_of_in_the_order_of_the_import_rules() -> None:
    rules = (ROOT / "setup.cfg").read_text().partition("containers = application")[2].partition("\n\n")[0]
    layers = re.findall(r"[a-z_]+", rules.partition("layers =")[2])
    told = re.findall(r"^\| `application/([a-z_]+)/` \|", ARCHITECTURE.read_text(), re.MULTILINE)

    assert told == layers
    assert sorted(told) == sorted(made.parent.name for made in ROOT.glob("application/*/__init__.py"))


def test_each_of_the_ten_laws_names_a_test() -> None:
    _, _, laws = ARCHITECTURE.read_text().partition("## The laws")
    rows = [row for row in laws.partition("\n## ")[0].splitlines() if row.startswith("| **")]
    assert len(rows) == 10
    assert all(re.search(r"\| `tests/.*`: `test_\w+` \|$", row) for row in rows)


@EACH_PAGE
def test_every_make_target_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = re.findall(r"(?:`|^\$ )make ([a-z]+)", page.read_text(), re.MULTILINE)
    assert set(named) <= targets


@EACH_PAGE
def test_a_page_can_be_read(page: Path) -> None:
    text = page.read_text()
    assert text.count("\n```") % 2 == 0
    assert "—" not in text, "a dash in a sentence is a full stop or a comma here"
    if page == README:
        assert len(text.replace(settings.table(), "").splitlines()) < 320, "long enough to lose its reader"


def test_every_decision_is_numbered_once_and_complete() -> None:
    decisions = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    numbers = [int(page.name[:4]) for page in decisions]
    assert numbers == list(range(1, len(numbers) + 1))
    for page in decisions:
        headings = re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE)
        assert headings == ["Context", "Decision", "Alternatives weighed", "Consequences"], page.name
