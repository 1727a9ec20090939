"""Evidence judged: a row for each law."""

from collections.abc import Iterable

import attrs

from tests.chaos import answer_laws, checkout_laws, letter_laws, stock_laws
from tests.chaos.evidence import Evidence


@attrs.frozen
class Row:
    """A law: what it is about, what it expects, what was found. It is violated by its offenders."""

    what: str
    expected: str
    found: str
    offenders: tuple[str, ...] = ()


def law(what: str, offenders: Iterable[str]) -> Row:
    """One whose offenders are counted, and there must be none."""
    found = tuple(offenders)
    return Row(what, "0", f"{len(found):,}", found)


def equal(what: str, expected: object, found: object) -> Row:
    """One that expects something in particular."""
    offenders = () if expected == found else (f"{found!r} instead of {expected!r}",)
    return Row(what, _text(expected), _text(found), offenders)


def verdict(evidence: Evidence) -> list[Row]:
    """Every law, held against the evidence."""
    return [
        law("accepted and lost", checkout_laws.lost(evidence)),
        law("accepted or begun, without an end", checkout_laws.without_an_end(evidence)),
        law("with two ends", checkout_laws.with_two_ends(evidence)),
        law("started twice", checkout_laws.started_twice(evidence)),
        law("went on after their end", checkout_laws.after_its_end(evidence)),
        law("products oversold", stock_laws.oversold(evidence)),
        _of_all(
            "stock conserved, products", len(evidence.received), stock_laws.stock_not_conserved(evidence)
        ),
        Row(
            "orders = successes",
            f"{len(checkout_laws.successes(evidence)):,}",
            f"{len(answer_laws.orders(evidence)):,}",
            tuple(answer_laws.order_without_success(evidence)),
        ),
        equal(
            "orders in the clients' totals", len(checkout_laws.successes(evidence)), evidence.orders_counted
        ),
        _of_all(
            "read model = replay, clients", len(evidence.shown), answer_laws.read_model_not_replay(evidence)
        ),
        Row(
            "audit lines = events, each once",
            f"{len(evidence.events):,}",
            f"{len(evidence.audited):,}",
            tuple(answer_laws.audit_not_the_events(evidence)),
        ),
        equal("audit chain", "verified", evidence.trail_broken or "verified"),
        law("ends not told to the client", answer_laws.not_told(evidence)),
        law("stuck", evidence.stuck),
        law("groups with something left", checkout_laws.left(evidence)),
        Row(
            f"dead letters, of {len(letter_laws.malformed(evidence))} malformed",
            f"{len(letter_laws.expected_letters(evidence)):,}",
            f"{len(evidence.letters):,}",
            (*letter_laws.unexpected_letters(evidence), *letter_laws.missing_letters(evidence)),
        ),
        equal("the laws of tests/invariants.py", "hold", evidence.broken_invariant or "hold"),
    ]


def _of_all(what: str, count: int, offenders: list[str]) -> Row:
    return Row(what, f"{count:,}", f"{max(0, count - len(offenders)):,}", tuple(offenders))


def _text(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value).partition("\n")[0][:40]
