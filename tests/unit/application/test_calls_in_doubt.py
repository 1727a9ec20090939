"""Calls to existing services of which nobody knows whether they happened: they wait for a person."""

import pytest

from application.calls.settle_doubts import CallDesk, Settled
from application.events.streams import CHECKOUTS
from application.questions.show_calls import CallView
from domain.calls.commands import NotInDoubt, UnknownCall
from domain.checkout import saga
from domain.checkout.commands import Cancel, Resolve, RetryStep
from domain.errors import InvalidValue
from tests.interruptions import Crash, InterruptedStore, later
from tests.invariants import invariants
from tests.shop_elsewhere import ShopElsewhere

AFTER_A_DECISION = [
    "CheckoutInitiated",
    "StepRetried",
    "StockReserved",
    "OrderCreated",
    "CheckoutSucceeded",
]
SUCCESS = ["CheckoutInitiated", "StockReserved", "StepRetried", "OrderCreated", "CheckoutSucceeded"]


@pytest.fixture
def shop() -> ShopElsewhere:
    return ShopElsewhere()


def doubtful(shop: ShopElsewhere) -> list[CallView]:
    found, _ = shop.container.call_desk().finder.in_doubt(count=10)
    return list(found)


def settle(
    shop: ShopElsewhere, checkout: str, call: str, *, happened: bool, vente_id: str | None = None
) -> Settled:
    """A person looks, decides, and the workers go on."""
    settled: Settled = shop.container.call_desk().settle(
        f"{checkout}:{call}", happened=happened, vente_id=vente_id, actor="ada", reason="seen in their list"
    )
    shop.run()
    return settled


@pytest.fixture(params=["lost-after", "lost-before"])
def lost(request: pytest.FixtureRequest) -> str:
    """When the answer to a call got lost: after the effect, or before it."""
    return str(request.param)


def take_in_doubt(shop: ShopElsewhere, lost: str) -> str:
    """A checkout whose second product may have been taken, and may not."""
    shop.inventory.faults.extend([None, lost])  # type: ignore[list-item]  # one of the faults
    checkout = shop.start({"p-1": 2, "p-2": 1, "p-3": 1})
    shop.run()
    return checkout


def test_a_take_without_an_answer_is_made_once_and_waits(shop: ShopElsewhere, lost: str) -> None:
    checkout = take_in_doubt(shop, lost)
    for _ in range(5):
        shop.pass_time(31)

    assert shop.facts(checkout) == ["CheckoutInitiated"]
    assert shop.calls(checkout) == {"take-1": "done", "take-2": "in doubt"}
    assert len(shop.inventory.effects) == (2 if lost == "lost-after" else 1)
    assert shop.telemetry.dead_letters == []


def test_what_waits_is_shown_with_everything_needed_to_decide(shop: ShopElsewhere, lost: str) -> None:
    checkout = take_in_doubt(shop, lost)

    (view,) = doubtful(shop)
    wanted = view.call.wanted
    assert view.id == f"{checkout}:take-2"
    assert (wanted.operation, wanted.produit_id, wanted.units) == ("take", "p-2", 1)
    assert [note.type for note in view.notes] == ["CallIntended", "CallInDoubt"]
    if lost == "lost-after":
        assert wanted.key == shop.inventory.effects[-1].key, "by which the service may know it"
    assert view.follows is not None
    assert view.follows.if_happened.startswith("the units count as taken")
    assert view.checkout.step == "initiated"


def test_a_doubt_is_a_reason_to_be_stuck(shop: ShopElsewhere, lost: str) -> None:
    checkout = take_in_doubt(shop, lost)

    (stuck,), _ = shop.container.stuck_finder().older_than(0, count=10)

    assert (stuck.view.checkout_id, stuck.next.worker) == (checkout, "operator")
    assert stuck.next.why == "in doubt: take-2: no answer in time"
    assert f"comptoir calls show {checkout}:take-2" in stuck.next.advice


def test_the_truth_lets_it_go_on(shop: ShopElsewhere, lost: str) -> None:
    checkout = take_in_doubt(shop, lost)

    settled = settle(shop, checkout, "take-2", happened=lost == "lost-after")

    assert settled.changed
    assert shop.facts(checkout) == AFTER_A_DECISION
    assert shop.taken() == shop.sold() == {"p-1": 2, "p-2": 1, "p-3": 1}
    assert doubtful(shop) == []
    assert shop.container.doubts().count() == 0
    invariants(shop)


def test_the_deadline_gives_back_what_is_known_and_waits_with_the_rest(
    shop: ShopElsewhere, lost: str
) -> None:
    checkout = take_in_doubt(shop, lost)
    later(shop)

    assert shop.facts(checkout)[-2:] == ["CheckoutDeadlineExpired", "CompensationFailed"]
    assert shop.calls(checkout) == {"take-1": "done", "take-2": "in doubt", "give-back-1": "done"}
    (view,) = doubtful(shop)
    assert view.follows is not None
    assert view.follows.if_happened == "the units are given back, the checkout fails"
    assert shop.taken() == ({"p-2": 1} if lost == "lost-after" else {})


def test_a_failing_checkout_ends_once_the_doubt_is_settled(shop: ShopElsewhere, lost: str) -> None:
    checkout = take_in_doubt(shop, lost)
    later(shop)

    settle(shop, checkout, "take-2", happened=lost == "lost-after")

    assert shop.facts(checkout)[-3:] == ["StepRetried", "StockReleased", "CheckoutFailed"]
    assert shop.taken() == {}
    invariants(shop)


def test_a_cancellation_waits_as_the_deadline_does(shop: ShopElsewhere, lost: str) -> None:
    checkout = take_in_doubt(shop, lost)
    shop.container.checkout_desk().intervene(checkout, Cancel(actor="shopper", reason="too slow"))
    shop.run()
    assert shop.replay(checkout).view.step == "compensation_failed"

    settle(shop, checkout, "take-2", happened=lost == "lost-after")

    assert shop.replay(checkout).view.status == "failed"
    assert shop.taken() == {}


def test_a_sale_without_an_answer_is_never_entered_twice(shop: ShopElsewhere, lost: str) -> None:
    shop.sales.faults.extend([None, lost])  # type: ignore[list-item]  # one of the faults
    checkout = shop.start({"p-1": 2, "p-2": 1})
    for _ in range(5):
        shop.pass_time(31)
    assert shop.calls(checkout)["enter-2"] == "in doubt"
    assert shop.facts(checkout) == ["CheckoutInitiated", "StockReserved"]

    known = "vente-2" if lost == "lost-after" else None
    settle(shop, checkout, "enter-2", happened=known is not None, vente_id=known)

    assert shop.facts(checkout) == SUCCESS
    assert [sale.units for sale in shop.sales.sales.values()] == [2, 1]
    assert shop.sold() == shop.taken() == {"p-1": 2, "p-2": 1}
    invariants(shop)


def test_a_sale_in_doubt_keeps_its_stock_until_it_is_known(shop: ShopElsewhere, lost: str) -> None:
    """What may be sold must not be sold again."""
    shop.sales.faults.append(lost)  # type: ignore[arg-type]  # one of the faults
    checkout = shop.start({"p-1": 2})
    shop.run()
    later(shop)
    assert shop.facts(checkout)[-1] == "CompensationFailed"
    assert shop.taken() == {"p-1": 2}

    known = "vente-1" if lost == "lost-after" else None
    settle(shop, checkout, "enter-1", happened=known is not None, vente_id=known)

    assert shop.facts(checkout)[-2:] == ["StockReleased", "CheckoutFailed"]
    assert (shop.taken(), shop.sold()) == ({}, {})
    invariants(shop)


def test_giving_back_without_an_answer_is_not_done_twice(shop: ShopElsewhere, lost: str) -> None:
    shop.inventory.faults.extend([None, None, lost])  # type: ignore[list-item]  # one of the faults
    checkout = shop.start({"p-1": 2, "p-9": 1})
    later(shop)
    assert shop.calls(checkout)["give-back-1"] == "in doubt"
    assert shop.replay(checkout).view.step == "compensation_failed"

    settle(shop, checkout, "give-back-1", happened=lost == "lost-after")

    assert shop.replay(checkout).view.status == "failed"
    assert shop.taken() == {}
    invariants(shop)


def test_cancelling_a_sale_is_never_in_doubt(shop: ShopElsewhere, lost: str) -> None:
    shop.sales.faults.extend([None, "refuse", lost])  # type: ignore[list-item]  # one of the faults
    checkout = shop.start({"p-1": 2, "p-2": 1})
    later(shop)

    assert shop.replay(checkout).view.status == "failed"
    assert (shop.taken(), shop.sold()) == ({}, {})


def test_a_service_that_knows_keys_leaves_no_doubt(lost: str) -> None:
    shop = ShopElsewhere(services_repeatable=True)
    shop.inventory.faults.extend([lost, None, lost])  # type: ignore[list-item]  # one of the faults
    shop.sales.faults.extend([lost, None, lost])  # type: ignore[list-item]  # one of the faults
    checkout = shop.start({"p-1": 2, "p-2": 1})
    for _ in range(10):
        shop.pass_time(31)

    assert shop.facts(checkout)[-1] == "CheckoutSucceeded"
    assert shop.taken() == shop.sold() == {"p-1": 2, "p-2": 1}
    assert len(shop.inventory.effects) == len(shop.sales.effects) == 2
    invariants(shop)


def test_a_decision_asked_for_twice_is_made_once(shop: ShopElsewhere) -> None:
    checkout = take_in_doubt(shop, "lost-after")
    settle(shop, checkout, "take-2", happened=True)
    facts = shop.facts(checkout)

    again = settle(shop, checkout, "take-2", happened=True)

    assert not again.changed
    assert shop.facts(checkout) == facts
    with pytest.raises(NotInDoubt):
        settle(shop, checkout, "take-2", happened=False)


def test_a_decision_whose_maker_died_before_waking_the_step_wakes_it_when_repeated(
    shop: ShopElsewhere,
) -> None:
    checkout = take_in_doubt(shop, "lost-after")
    dying = InterruptedStore(shop.store, lambda moment: moment.is_("before", "append", CHECKOUTS))
    with pytest.raises(Crash):
        CallDesk(dying, shop.container.doubts()).settle(
            f"{checkout}:take-2", happened=True, actor="ada", reason="seen in their list"
        )
    shop.run()
    assert shop.facts(checkout) == ["CheckoutInitiated"]

    assert not settle(shop, checkout, "take-2", happened=True).changed

    assert shop.facts(checkout)[-1] == "CheckoutSucceeded"


def test_what_cannot_be_decided_is_refused(shop: ShopElsewhere) -> None:
    checkout = take_in_doubt(shop, "lost-after")
    with pytest.raises(UnknownCall):
        settle(shop, checkout, "take-7", happened=True)
    with pytest.raises(NotInDoubt):
        settle(shop, checkout, "take-1", happened=True)
    with pytest.raises(InvalidValue):
        settle(shop, checkout, "nonsense", happened=True)
    with pytest.raises(InvalidValue):
        settle(shop, checkout, "take-2", happened=True, vente_id="v")


def test_an_operator_who_resolves_the_checkout_by_hand_is_told_what_is_left(shop: ShopElsewhere) -> None:
    checkout = take_in_doubt(shop, "lost-after")
    shop.container.checkout_desk().intervene(checkout, Resolve(actor="ada", reason="a long story"))
    shop.run()

    assert shop.replay(checkout).view.status == "failed"
    (view,) = doubtful(shop)
    assert view.follows is not None
    assert "give them back in the service by hand" in view.follows.if_happened
    settle(shop, checkout, "take-2", happened=True)
    assert doubtful(shop) == []
    assert shop.taken() == {"p-2": 1}, "as it was said"


def test_a_refused_give_back_waits_for_a_person_and_is_tried_again_when_they_say_so(
    shop: ShopElsewhere,
) -> None:
    shop.inventory.faults.extend([None, None, "refuse"])
    checkout = shop.start({"p-1": 2, "p-9": 1})
    shop.run()
    assert shop.facts(checkout)[-1] == "CompensationFailed"

    shop.container.checkout_desk().intervene(checkout, RetryStep(actor="ada", reason="they are open again"))
    shop.run()

    assert shop.facts(checkout)[-1] == "CheckoutFailed"
    assert shop.taken() == {}


def test_one_doubt_keeps_no_other_checkout_waiting(shop: ShopElsewhere) -> None:
    waiting = take_in_doubt(shop, "lost-after")
    others = [shop.start({"p-3": 1}) for _ in range(4)]
    shop.run()

    assert [shop.replay(other).view.status for other in others] == ["succeeded"] * 4
    assert shop.replay(waiting).view.step == "initiated"
    assert shop.container.policy(worker=saga.STOCK_RESERVATION).batch_max == 1
