"""What a run shows: one table of figures, laws and troubles."""

from collections.abc import Iterable, Sequence
from typing import Final

from tests.chaos.verdict import Row

OFFENDERS_SHOWN: Final = 5
HEADINGS: Final = ("what", "expected", "found", "")


def is_violated(rows: Iterable[Row]) -> bool:
    """Whether any law is."""
    return any(row.offenders for row in rows)


def table(title: str, figures: Sequence[Row], laws: Sequence[Row]) -> str:
    """The figures, which are neither right nor wrong, and the laws; offenders below."""
    lines = [(row.what, row.expected, row.found, "") for row in figures]
    lines += [(row.what, row.expected, row.found, "VIOLATED" if row.offenders else "ok") for row in laws]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *lines, strict=True)]

    def shown(what: str, expected: str, found: str, judged: str) -> str:
        cells = (what.ljust(widths[0]), expected.rjust(widths[1]), found.rjust(widths[2]), judged)
        return "  ".join(cells).rstrip()

    rule = "─" * (sum(widths) + 6)
    return "\n".join(
        [title, rule, shown(*HEADINGS), rule, *(shown(*line) for line in lines), rule, *_offenders(laws)]
    )


def _offenders(laws: Sequence[Row]) -> Iterable[str]:
    for row in laws:
        if row.offenders:
            more = len(row.offenders) - OFFENDERS_SHOWN
            yield f"VIOLATED: {row.what}"
            yield from (f"  {offender}" for offender in row.offenders[:OFFENDERS_SHOWN])
            if more > 0:
                yield f"  and {more:,} more"
