"""What was taken cannot be given back: the checkout waits for a person."""

import pytest

from domain.checkout.commands import Intervene
from tests.invariants import invariants
from tests.unit.application.acts import CANCEL, DEADLINE_S, FORCE, RETRY
from tests.unit.application.closed_warehouse import intervene, stuck_checkout


def test_the_checkout_says_so_itself_and_is_counted() -> None:
    closed, checkout = stuck_checkout()
    shop = closed.shop

    assert shop.facts(checkout)[2:] == ["CheckoutCancelled", "CompensationFailed"]
    assert shop.replay(checkout).view.step == "compensation_failed"
    assert shop.telemetry.published_types["CompensationFailed"] == 1
    assert shop.stock("p-1") == (2, 3)
    invariants(shop, idle=False)


def test_no_time_and_no_deadline_makes_it_forgotten_or_said_twice() -> None:
    closed, checkout = stuck_checkout()
    shop = closed.shop

    for _ in range(3):
        shop.pass_time(DEADLINE_S)

    assert shop.facts(checkout).count("CompensationFailed") == 1
    assert shop.facts(checkout)[-1] == "CompensationFailed"
    assert shop.container.open_checkouts().count() == 1


@pytest.mark.parametrize("command", [RETRY, FORCE], ids=["retry", "force"])
def test_tried_again_it_gives_back_and_ends(command: Intervene) -> None:
    closed, checkout = stuck_checkout()
    closed.warehouse.closed = False

    view = intervene(closed.shop, checkout, command).view
    closed.shop.run()

    assert view.step == "compensating"
    assert closed.shop.facts(checkout)[-2:] == ["StockReleased", "CheckoutFailed"]
    assert closed.shop.replay(checkout).view.reason == "cancelled: too slow"
    assert closed.shop.stock("p-1") == (5, 0)
    assert closed.shop.container.open_checkouts().count() == 0
    invariants(closed.shop)


def test_tried_again_in_vain_it_waits_for_an_operator_again() -> None:
    closed, checkout = stuck_checkout()

    intervene(closed.shop, checkout, RETRY)
    closed.run_into_dead_letters()

    assert closed.shop.facts(checkout)[-2:] == ["StepRetried", "CompensationFailed"]
    assert closed.shop.replay(checkout).view.step == "compensation_failed"
    closed.warehouse.closed = False
    intervene(closed.shop, checkout, RETRY)
    closed.shop.run()
    assert closed.shop.stock("p-1") == (5, 0)
    invariants(closed.shop)


def test_a_cancellation_of_it_changes_nothing() -> None:
    closed, checkout = stuck_checkout()
    before = closed.shop.facts(checkout)

    done = intervene(closed.shop, checkout, CANCEL)

    assert (done.view.step, done.changed) == ("compensation_failed", False)
    assert closed.shop.facts(checkout) == before
