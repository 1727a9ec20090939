"""Writes the table in docs/settings.md, from the settings themselves: `python -m docs.settings`."""

from pathlib import Path
from typing import Final

from entrypoints.settings import SettingRow, setting_rows

PAGE: Final = Path(__file__).with_name("settings.md")
BEGIN: Final = "<!-- settings: written by python -m docs.settings -->\n"
END: Final = "<!-- end of settings -->\n"


def table() -> str:
    """Every setting: its name, default, range and meaning."""
    head = "| Variable | Default | Range | Meaning |\n|---|---|---|---|\n"
    return head + "".join(_line(row) for row in setting_rows())


def with_table(text: str) -> str:
    """`text` with today's table between the two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


def _line(row: SettingRow) -> str:
    default = f"`{row.default}`" if row.default else ""
    return f"| `{row.name}` | {default} | {row.range} | {row.meaning} |\n"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
