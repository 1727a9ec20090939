"""What the documents tell people to type: every command, its options and every setting exist."""

import re
import shlex
from collections.abc import Iterator
from functools import cache, reduce
from operator import getitem
from pathlib import Path
from typing import Final

from cyclopts import App

from entrypoints.cli import app
from entrypoints.settings import setting_rows
from tests.each_row import each_row

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = [
    *(ROOT / name for name in ("README.md", "README.fr.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
EACH_PAGE: Final = each_row("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))

SETTINGS: Final = {row.name for row in setting_rows()}
OF_SCRIPTS: Final = {
    name
    for file in [ROOT / "Makefile", ROOT / "docs" / "monitor.py", *(ROOT / "deploy").rglob("*")]
    if file.is_file() and file.suffix in {"", ".sh", ".py"}
    for name in re.findall(r"\b[A-Z]+(?:_[A-Z]+)*\b", file.read_text())
}
NOT_OURS: Final = {
    *("HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "TCP_USER_TIMEOUT"),  # Python's, OpenSSL's, the kernel's
    *("REDIS_SERVER", "STOCK_ITEM", "ONE_MORE", "ALL_FACTS"),  # the tests', and names in code
    *("SHOP_KEY", "CHECKOUT_ID"),  # to be filled in
}
OF_OPENTELEMETRY: Final = "OTEL_"


def pieces_of_code(page: Path) -> Iterator[str]:
    """What stands between backticks, and each line of a block for a shell, put together where it goes on."""
    text = page.read_text()
    for block in re.findall(r"^```(?:sh|console)?\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        yield from block.replace("\\\n", " ").splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE))


def commands_in(page: Path) -> Iterator[list[str]]:
    """The words after each `comptoir`, up to the end of that command."""
    for piece in pieces_of_code(page):
        for told in re.findall(r"(?:^|(?<!-n)[\s(])comptoir ([a-z][^|>;&)#]*)", piece):
            if told.count("'") % 2 == 0:
                yield shlex.split(told)


def complaint(words: list[str]) -> str | None:
    """What is wrong with a command, if anything."""
    here: App = app
    names = []
    while words and words[0] in here and not words[0].startswith("-"):
        name, *words = words
        here = here[name]
        names.append(name)
    if here is app or (here.default_command is None and words):
        return f"there is no command {words[0]}"
    options = {word.partition("=")[0] for word in words if re.match(r"--[a-z]", word)}
    if here.default_command is None:
        return None
    unknown = options - options_of(*names) - {"--help", "--version"}
    return f"{here.name[0]} has no {', '.join(sorted(unknown))}" if unknown else None


@cache
def options_of(*names: str) -> set[str]:
    command = reduce(getitem, names, app)
    return {name for argument in command.assemble_argument_collection() for name in argument.names}


@EACH_PAGE
def test_every_command_exists_with_its_options(page: Path) -> None:
    wrong = {" ".join(words): said for words in commands_in(page) if (said := complaint(words))}

    assert wrong == {}


def test_a_command_or_an_option_that_is_none_is_found() -> None:
    assert complaint(["stok", "show"]) == "there is no command stok"
    assert complaint(["stock", "shew"]) == "there is no command shew"
    assert complaint(["verify", "--cont", "3"]) == "verify has no --cont"
    assert complaint(["verify", "--count", "3"]) is None
    assert sum(1 for page in PAGES for _ in commands_in(page)) > 150


@EACH_PAGE
def test_every_setting_exists(page: Path) -> None:
    named = {
        name
        for piece in pieces_of_code(page)
        for name in re.findall(r"(?<![\w$])([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)\b(?!\()", piece)
        if not name.startswith(OF_OPENTELEMETRY)
    }

    assert named - SETTINGS - OF_SCRIPTS - NOT_OURS == set()


def test_who_runs_it_is_led_to_the_page_of_every_alert() -> None:
    operations = (ROOT / "docs" / "operations.md").read_text()
    linked = re.findall(r"^\| \[(\w+)\]\(runbooks/\1\.md\) \|", operations, re.MULTILINE)

    assert sorted(linked) == sorted(page.stem for page in (ROOT / "docs" / "runbooks").glob("*.md"))
