"""The laws of the existing services: silent when all is well, and otherwise they name who broke them."""

from typing import Any, Final

import attrs
import pytest

from adapters.inmemory.clock import FakeClock
from adapters.sandbox.books import Books
from adapters.sandbox.rules import Asked
from tests.chaos.evidence import Evidence, gather
from tests.chaos.existing_laws import Ledger, existing_laws
from tests.shop import CLIENT, Shop

SHELVES: Final = {"p-1": 10, "p-2": 5}
LINES: Final = {"p-1": 2, "p-2": 1}


def ask(books: Books, operation: str, key: str, vente_id: str | None = None, **body: Any) -> str | None:
    return books.do(Asked(operation=operation, body=body, key=key, vente_id=vente_id)).vente_id


def bought(books: Books, **lines: int) -> None:
    for id_, units in lines.items():
        ask(books, "take", f"take {id_}", produit_id=id_, quantite=units)
        sale: dict[str, Any] = {"magasin_id": "m", "client_id": CLIENT, "produit_id": id_, "quantite": units}
        ask(books, "enter", f"enter {id_}", **sale)


def ledger_of(books: Books) -> Ledger:
    entries = [attrs.asdict(entry) for entry in books.entries(count=100)]
    return Ledger(shelves=SHELVES, stock=dict(books.stock), sold=books.sold(), entries=entries)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    """One checkout has succeeded."""
    shop = Shop()
    shop.receive(SHELVES)
    checkout_id = shop.start(LINES)
    shop.run()
    return gather(
        shop,
        accepted=frozenset({checkout_id}),
        received={},
        audited=[],
        trail_broken="",
        told=frozenset(),
    )


@pytest.fixture
def books() -> Books:
    """What the services have then."""
    made = Books(FakeClock())
    made.stock_up(SHELVES)
    bought(made, **LINES)
    return made


def violated(evidence: Evidence, ledger: Ledger) -> list[str]:
    return [row.what for row in existing_laws(evidence, ledger) if row.offenders]


def test_a_run_that_went_well_breaks_no_law(evidence: Evidence, books: Books) -> None:
    assert violated(evidence, ledger_of(books)) == []


def test_a_sale_that_was_cancelled_and_its_units_given_back_are_no_trouble(
    evidence: Evidence, books: Books
) -> None:
    sale: dict[str, Any] = {"magasin_id": "m", "client_id": CLIENT, "produit_id": "p-1", "quantite": 2}
    ask(books, "take", "2", produit_id="p-1", quantite=2)
    vente_id = ask(books, "enter", "3", **sale)
    ask(books, "cancel", "4", vente_id=vente_id)
    ask(books, "give-back", "5", produit_id="p-1", quantite=2)

    assert violated(evidence, ledger_of(books)) == []


def test_units_that_were_taken_and_never_sold_are_named(evidence: Evidence, books: Books) -> None:
    ask(books, "take", "another", produit_id="p-1", quantite=2)

    assert violated(evidence, ledger_of(books)) == ["their stock, not conserved"]


def test_a_second_sale_of_the_same_is_named(evidence: Evidence, books: Books) -> None:
    sale: dict[str, Any] = {"magasin_id": "m", "client_id": CLIENT, "produit_id": "p-1", "quantite": 2}
    ask(books, "enter", "enter p-1", **sale)

    assert violated(evidence, ledger_of(books)) == [
        "their stock, not conserved",
        "their sales, not what succeeded",
        "their calls with two effects",
    ]


def test_a_call_that_nobody_has_decided_is_named(evidence: Evidence, books: Books) -> None:
    undecided = attrs.evolve(ledger_of(books), in_doubt=["c:take-1"])

    assert violated(evidence, undecided) == ["calls left in doubt"]
