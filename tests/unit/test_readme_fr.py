"""README.fr.md says in French what README.md says: what is no prose must be the same in both."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
ENGLISH: Final = (ROOT / "README.md").read_text()
FRENCH: Final = (ROOT / "README.fr.md").read_text()


def code(text: str) -> list[str]:
    """What is shown between fences, as it stands; only one of the two pages is run."""
    return [
        block.replace("```python run", "```python") for block in re.findall(r"```.*?\n```", text, re.DOTALL)
    ]


def prose(text: str) -> str:
    return re.sub(r"```.*?\n```", "", text, flags=re.DOTALL)


def tables(text: str) -> list[list[list[str]]]:
    """Table -> row -> what each cell has in code or as a link."""
    found = re.findall(r"(?:^\|.*\n)+", prose(text), re.MULTILINE)
    return [[re.findall(r"`[^`]+`|\]\([^)]+\)", row) for row in table.splitlines()] for table in found]


def test_both_show_the_same_commands_and_answers() -> None:
    assert code(FRENCH) == code(ENGLISH)


def test_both_have_the_same_tables() -> None:
    assert tables(FRENCH) == tables(ENGLISH)


def test_both_have_the_same_sections_lists_and_pictures() -> None:
    for shape in (r"^#+ ", r"^- \*\*", r"^\d\. \*\*", r"^!\["):
        counts = [len(re.findall(shape, prose(text), re.MULTILINE)) for text in (FRENCH, ENGLISH)]
        assert counts[0] == counts[1], shape


def test_both_name_the_same_things_and_lead_to_the_same_pages() -> None:
    for thing in (r"`([^`]+)`", r"\]\(([^)]+)\)"):
        named = [set(re.findall(thing, prose(text))) - {"README.md"} for text in (FRENCH, ENGLISH)]
        assert named[0] == named[1]
