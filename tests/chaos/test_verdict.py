"""The verdict on a shop in memory: silent when all is well, and otherwise it names what broke which law."""

from collections.abc import Callable, Sequence
from typing import Final

import attrs
import pytest

from adapters.inmemory.event_bus import fields_of
from application.events.streams import CHECKOUTS
from application.ports.event_store import StoredEntry
from tests.chaos.checkout_laws import END_TYPES
from tests.chaos.evidence import Evidence, gather
from tests.chaos.strangers import MALFORMED, MALFORMED_ONE_IN, malformed_fields
from tests.chaos.table import is_violated, table
from tests.chaos.verdict import verdict
from tests.foreign import start_foreign
from tests.shop import CLIENT, Shop

RECEIVED: Final = {"p-1": 3, "p-2": 100}
DEAD_LETTERS: Final = f"dead letters, of {len(MALFORMED)} malformed"
Change = Callable[[Evidence], Evidence]


@pytest.fixture(scope="module")
def fine() -> Evidence:
    """Two succeed, one of them a stranger's, and one fails, among all sorts of nonsense."""
    shop = Shop()
    shop.receive(RECEIVED)
    accepted = {shop.start({"p-1": 2, "p-2": 1}), shop.start({"p-1": 2}), "web-1"}
    start_foreign(shop, "web-1", p_2=3)
    for number in range(len(MALFORMED)):
        shop.log.add(CHECKOUTS, fields_of(**malformed_fields(number * MALFORMED_ONE_IN)))
    shop.run()
    return gather(
        shop,
        accepted=frozenset(accepted),
        received=RECEIVED,
        audited=[entry.position for entry in shop.audit_log.entries],
        trail_broken="",
        told=frozenset(notice.checkout_id for notice in shop.notifier.sent),
    )


def violated(evidence: Evidence) -> dict[str, tuple[str, ...]]:
    """What -> the offenders."""
    return {row.what: row.offenders for row in verdict(evidence) if row.offenders}


def again(events: Sequence[StoredEntry], *types: str) -> list[StoredEntry]:
    """The events, and the first of `types` that makes sense a second time."""
    first = next(event for event in events if event.type in types and event.checkout_id == "web-1")
    return [*events, attrs.evolve(first, position="9999999999999-0")]


def test_a_run_that_went_well_breaks_no_law(fine: Evidence) -> None:
    assert violated(fine) == {}


def test_a_checkout_that_was_accepted_and_is_not_there_is_named(fine: Evidence) -> None:
    found = violated(attrs.evolve(fine, accepted=fine.accepted | {"gone"}))

    assert found == {"accepted and lost": ("gone",), "accepted or begun, without an end": ("gone",)}


def test_a_second_end_is_named(fine: Evidence) -> None:
    found = violated(attrs.evolve(fine, events=again(fine.events, *END_TYPES)))

    assert found["with two ends"] == ("web-1",)


def test_an_end_that_is_missing_is_named(fine: Evidence) -> None:
    without = [e for e in fine.events if e.type not in END_TYPES or e.checkout_id != "web-1"]

    assert violated(attrs.evolve(fine, events=without))["accepted or begun, without an end"] == ("web-1",)


def test_a_second_start_is_named(fine: Evidence) -> None:
    found = violated(attrs.evolve(fine, events=again(fine.events, "CheckoutInitiated")))

    assert found["started twice"] == ("web-1",)


def test_what_is_added_after_an_end_is_named(fine: Evidence) -> None:
    history = fine.histories["web-1"]
    longer = {**fine.histories, "web-1": [*history, history[-2]]}

    assert violated(attrs.evolve(fine, histories=longer))["went on after their end"] == ("web-1",)


def test_an_audit_line_that_is_there_twice_and_one_that_is_missing_are_named(fine: Evidence) -> None:
    first, second, *rest = fine.audited

    found = violated(attrs.evolve(fine, audited=[first, first, *rest]))

    assert found == {"audit lines = events, each once": (f"{first} +1", f"{second} -1")}


def test_a_broken_chain_is_told(fine: Evidence) -> None:
    (said,) = violated(attrs.evolve(fine, trail_broken="line 7 was changed"))["audit chain"]

    assert "line 7 was changed" in said


def test_a_dead_letter_of_what_makes_sense_is_named(fine: Evidence) -> None:
    letter = attrs.evolve(fine.letters[0], position=fine.events[0].position, reason="handed out too often")

    (said,) = violated(attrs.evolve(fine, letters=[*fine.letters, letter]))[DEAD_LETTERS]

    assert letter.position in said
    assert "handed out too often" in said


def test_a_dead_letter_that_is_there_twice_or_not_at_all_is_named(fine: Evidence) -> None:
    first, second, *rest = fine.letters

    twice, missing = violated(attrs.evolve(fine, letters=[first, first, *rest]))[DEAD_LETTERS]

    assert twice.startswith(f"{first.group} {first.position}")
    assert missing == f"{second.group} {second.position}"


@pytest.mark.parametrize("units", [4, -1])
def test_units_that_nobody_has_are_named_by_their_product(fine: Evidence, units: int) -> None:
    held = next(event for event in fine.stock_events if event.type == "UnitsHeld")
    assert isinstance(held.payload, dict)
    more = attrs.evolve(held, checkout_id="thief", payload={"produit_id": "p-1", "quantite": units})

    found = violated(attrs.evolve(fine, stock_events=[*fine.stock_events, more]))

    assert found["products oversold"] == ("p-1",)
    assert f"p-1: {units} held for thief, which is due 0" in found["stock conserved, products"]


@pytest.mark.parametrize(
    ("what", "change"),
    [
        (
            "stock conserved, products",
            lambda e: attrs.evolve(e, stock_shown={**e.stock_shown, "p-1": (0, 2)}),
        ),
        ("stock conserved, products", lambda e: attrs.evolve(e, received={**e.received, "p-1": 4})),
        ("orders = successes", lambda e: attrs.evolve(e, shown={CLIENT: e.shown[CLIENT][:-1]})),
        ("read model = replay, clients", lambda e: attrs.evolve(e, shown={CLIENT: e.shown[CLIENT][:-1]})),
        ("read model = replay, clients", lambda e: attrs.evolve(e, shown={CLIENT: [*e.shown[CLIENT]] * 2})),
        ("orders in the clients' totals", lambda e: attrs.evolve(e, orders_counted=3)),
        ("ends not told to the client", lambda e: attrs.evolve(e, told=e.told - {"web-1"})),
        ("ends not told to the client", lambda e: attrs.evolve(e, told=e.told | {"nobody"})),
        ("stuck", lambda e: attrs.evolve(e, stuck=["web-1 (order-creation: does it run?)"])),
        ("groups with something left", lambda e: attrs.evolve(e, left={"checkout-cqrs": (0, 1)})),
        ("the laws of tests/invariants.py", lambda e: attrs.evolve(e, broken_invariant="oversold")),
    ],
)
def test_each_other_law_can_be_broken_too(fine: Evidence, what: str, change: Change) -> None:
    assert what in violated(change(fine))


def test_the_table_names_the_first_few_offenders_and_counts_the_rest(fine: Evidence) -> None:
    laws = verdict(attrs.evolve(fine, accepted=fine.accepted | {f"gone-{n}" for n in range(9)}))

    assert is_violated(laws)
    shown = table("a run", [], laws)
    assert "accepted and lost" in shown
    assert "VIOLATED: accepted and lost\n  gone-0\n  gone-1\n" in shown
    assert "  and 4 more" in shown
    assert "gone-5" not in shown
