"""Draws the saga from its table: `python -m docs.flow` writes docs/images/flow.svg.

Facts are columns, workers are rows. A dot is a fact that wakes a worker, a ring one that it answers with.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from application.events.streams import CHECKOUTS
from domain.checkout.events import END_FACTS, CheckoutEvent
from domain.checkout.saga import ALL_FACTS, SAGA, STEPS, STOCK_COMPENSATION, Step

PICTURE: Final = Path(__file__).parent / "images" / "flow.svg"

Fact = type[CheckoutEvent]

_LEFT, _COLUMN, _TOP, _ROW = 278, 114, 178, 62
_CHIP_HALF, _CHIP_TOP, _CHIP_HEIGHT = 53, 84, 62
_SPOKEN: Final = 'role="img" aria-labelledby="t d"'
_STYLE: Final = """
  svg { --paper: #ffffff; --ink: #1f2733; --soft: #5c6878; --line: #d7dde5; --band: #f4f6f9;
        --well: #0f7b4f; --well-paper: #e6f5ee; --ill: #b4460f; --ill-paper: #fdeee5; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #12171e; --ink: #e6ebf2; --soft: #9aa7b8; --line: #303a47; --band: #19202a;
          --well: #4fd39a; --well-paper: #12312a; --ill: #ff9d66; --ill-paper: #3a2317; } }
  text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
         fill: var(--ink); }
  .paper { fill: var(--paper); stroke: var(--line); }
  .band { fill: var(--band); }
  .guide { stroke: var(--line); stroke-width: 1.5; }
  .title { font-size: 17px; font-weight: 650; }
  .stream-name { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 13px; }
  .soft { fill: var(--soft); font-size: 13px; }
  .worker { font-size: 16px; font-weight: 650; }
  .fact { font-size: 12px; font-weight: 550; text-anchor: middle; }
  .well { --hue: var(--well); --wash: var(--well-paper); }
  .ill { --hue: var(--ill); --wash: var(--ill-paper); }
  .chip { fill: var(--wash); stroke: var(--hue); stroke-width: 1.5; }
  .inner { fill: none; stroke: var(--hue); stroke-width: 1; }
  .wakes { fill: var(--soft); }
  .through { stroke: var(--soft); stroke-width: 2; fill: none; }
  .rise { stroke: var(--hue); stroke-width: 2; fill: none; }
  .answers { fill: var(--paper); stroke: var(--hue); stroke-width: 3; }
  .head { fill: var(--hue); }"""


def columns() -> tuple[Fact, ...]:
    """Every fact: first those of a checkout that goes well, then those of one that fails."""
    failing = _failing()
    return (*(fact for fact in ALL_FACTS if fact not in failing), *failing)


def svg() -> str:
    """The picture."""
    facts = columns()
    width = _LEFT + _COLUMN * len(facts) + 22
    height = _TOP + _ROW * len(SAGA) + 62
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {_SPOKEN}>',
            '<title id="t">The checkout saga</title>',
            f'<desc id="d">{" ".join(map(_in_words, SAGA))}</desc>',
            f"<style>{_STYLE}\n</style>",
            f'<rect class="paper" x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="14"/>',
            *_heading(width),
            *_rows(facts, width),
            *(line for n, fact in enumerate(facts) for line in _column(n, fact)),
            *(line for n, step in enumerate(SAGA) for line in _rises(n, step, facts)),
            *(line for n, step in enumerate(SAGA) for line in _marks(n, step, facts)),
            *_legend(height, facts),
            "</svg>",
            "",
        ]
    )


def _failing() -> tuple[Fact, ...]:
    compensation = STEPS[STOCK_COMPENSATION]
    return (*compensation.on, *compensation.answers)


def _in_words(step: Step) -> str:
    on = "every fact" if step.on == ALL_FACTS else ", ".join(fact.__name__ for fact in step.on)
    answers = f"; it answers {', '.join(fact.__name__ for fact in step.answers)}" if step.answers else ""
    return f"On {on}, {step.worker} wakes to {step.does}{answers}."


def _heading(width: int) -> Iterator[str]:
    yield '<text class="title" x="24" y="38">One stream, no conductor</text>'
    yield (
        f'<text class="soft" x="{width - 22}" y="38" text-anchor="end">'
        "A fact wakes workers; what they answer is a fact on the same stream.</text>"
    )
    middle = _CHIP_TOP + _CHIP_HEIGHT / 2
    yield f'<rect class="band" x="12" y="{_CHIP_TOP - 18}" width="{width - 24}" height="98" rx="10"/>'
    yield f'<text class="stream-name" x="24" y="{middle - 3}">{CHECKOUTS}</text>'
    yield f'<text class="soft" x="24" y="{middle + 17}">the bus and the event store</text>'
    tip = _x(0) - _CHIP_HALF - 3
    yield (
        f'<g class="well"><path class="rise" d="M{tip - 34} {middle}H{tip - 8}"/>'
        f'<path class="head" d="M{tip} {middle}l-11 -6v12z"/></g>'
    )


def _rows(facts: Sequence[Fact], width: int) -> Iterator[str]:
    for n, step in enumerate(SAGA):
        y = _TOP + _ROW * n
        if n % 2:
            yield f'<rect class="band" x="12" y="{y}" width="{width - 24}" height="{_ROW}" rx="8"/>'
        yield f'<text class="worker" x="24" y="{y + 27}">{step.worker}</text>'
        yield f'<text class="soft" x="24" y="{y + 46}">{step.does}</text>'
    lowest = {
        fact: max(n for n, step in enumerate(SAGA) if fact in (*step.on, *step.answers)) for fact in facts
    }
    for n, fact in enumerate(facts):
        yield (
            f'<line class="guide" x1="{_x(n)}" y1="{_CHIP_TOP + _CHIP_HEIGHT}" x2="{_x(n)}" '
            f'y2="{_y(lowest[fact])}"/>'
        )


def _column(n: int, fact: Fact) -> Iterator[str]:
    x, words = _x(n), re.findall(r"[A-Z][a-z]+", fact.__name__)
    yield f'<g class="{_side(fact)}">'
    yield _box("chip", x, 0)
    if fact in END_FACTS:
        yield _box("inner", x, 4)
    first = _CHIP_TOP + _CHIP_HEIGHT / 2 + 4.5 - 8 * (len(words) - 1)
    for place, word in enumerate(words):
        yield f'<text class="fact" x="{x}" y="{first + 16 * place}">{word}</text>'
    yield "</g>"


def _box(kind: str, x: float, inset: int) -> str:
    return (
        f'<rect class="{kind}" x="{x - _CHIP_HALF + inset}" y="{_CHIP_TOP + inset}" '
        f'width="{2 * (_CHIP_HALF - inset)}" height="{_CHIP_HEIGHT - 2 * inset}" rx="{9 - inset}"/>'
    )


def _rises(n: int, step: Step, facts: Sequence[Fact]) -> Iterator[str]:
    top = _CHIP_TOP + _CHIP_HEIGHT + 3
    for place in _places(step.answers, facts):
        x = _x(place)
        yield (
            f'<g class="{_side(facts[place])}"><path class="rise" d="M{x} {_y(n)}V{top + 8}"/>'
            f'<path class="head" d="M{x} {top}l-6 11h12z"/></g>'
        )


def _marks(n: int, step: Step, facts: Sequence[Fact]) -> Iterator[str]:
    y = _y(n)
    on, answers = _places(step.on, facts), _places(step.answers, facts)
    if len(on) + len(answers) > 1:
        yield f'<path class="through" d="M{_x(min(on + answers))} {y}H{_x(max(on + answers))}"/>'
    for place in on:
        yield f'<circle class="wakes" cx="{_x(place)}" cy="{y}" r="6"/>'
    for place in answers:
        ring = f'<circle class="answers" cx="{_x(place)}" cy="{y}" r="7"/>'
        yield f'<g class="{_side(facts[place])}">{ring}</g>'


def _legend(height: int, facts: Sequence[Fact]) -> Iterator[str]:
    y = height - 30
    yield f'<text class="soft" x="24" y="{y + 4}">Begun over HTTP, or by anyone&#8217;s XADD.</text>'
    x = _x(0)
    yield f'<circle class="wakes" cx="{x}" cy="{y}" r="6"/>'
    yield f'<text class="soft" x="{x + 14}" y="{y + 4}">wakes the worker</text>'
    x = _x(2)
    yield f'<g class="well"><circle class="answers" cx="{x - 30}" cy="{y}" r="7"/></g>'
    yield f'<g class="ill"><circle class="answers" cx="{x - 10}" cy="{y}" r="7"/></g>'
    yield f'<text class="soft" x="{x + 8}" y="{y + 4}">the worker may answer with it</text>'
    x = _x(len(facts) // 2 + 1)
    for inset in (0, 3):
        kind = "inner" if inset else "chip"
        yield (
            f'<g class="well"><rect class="{kind}" x="{x + inset}" y="{y - 9 + inset}" '
            f'width="{30 - 2 * inset}" height="{18 - 2 * inset}" rx="{5 - inset}"/></g>'
        )
    yield f'<text class="soft" x="{x + 40}" y="{y + 4}">an end: exactly one for every checkout</text>'


def _places(some: Sequence[Fact], facts: Sequence[Fact]) -> list[int]:
    return [facts.index(fact) for fact in some]


def _side(fact: Fact) -> str:
    return "ill" if fact in _failing() else "well"


def _x(column: int) -> float:
    return _LEFT + _COLUMN * column + _COLUMN / 2


def _y(row: int) -> float:
    return _TOP + _ROW * row + _ROW / 2


if __name__ == "__main__":
    PICTURE.write_text(svg())
