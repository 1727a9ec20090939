"""What holds for every act of a person, whatever it is. Each is a fact of its checkout."""

from collections.abc import Sequence

import attrs
import pytest

from application.events.streams import CHECKOUTS
from application.ports.event_store import Outcome, Transaction
from application.requests.intervene import CheckoutDesk, Request
from application.requests.start_checkout import IdempotencyKeyReused
from application.requests.who_and_why import ACTOR_CHARS_MAX, REASON_CHARS_MAX
from domain.checkout import saga
from domain.checkout.commands import Intervene
from domain.checkout.events import CheckoutCancelled, CheckoutInitiated, Intervention
from domain.errors import CheckoutEnded, InvalidValue, UnknownCheckout
from tests.each_row import each_row
from tests.interruptions import InterruptedStore, later, quick_shop
from tests.invariants import invariants
from tests.shop import Shop
from tests.unit.application.acts import CANCEL, EVERY_COMMAND, RETRY, interrupted_desk
from tests.unit.application.closed_warehouse import ACTOR, intervene


@pytest.fixture
def shop() -> Shop:
    shop = quick_shop()
    shop.receive({"p-1": 5})
    return shop


@EVERY_COMMAND
@pytest.mark.parametrize("units", [3, 9], ids=["succeeded", "failed"])
def test_an_ended_checkout_is_left_alone(shop: Shop, command: Intervene, units: int) -> None:
    checkout = shop.start({"p-1": units})
    shop.run()
    before = shop.facts(checkout)

    with pytest.raises(CheckoutEnded):
        intervene(shop, checkout, command)

    later(shop)
    assert shop.facts(checkout) == before
    invariants(shop)


class SentTwice(InterruptedStore):
    """The connection breaks before the answer comes, and the client sends the same again."""

    def append(self, stream: str, transactions: Sequence[Transaction]) -> list[Outcome]:
        self.store.append(stream, transactions)
        return self.store.append(stream, transactions)


@EVERY_COMMAND
def test_an_act_that_reached_the_store_twice_was_done_once(shop: Shop, command: Intervene) -> None:
    checkout = shop.start({"p-1": 3})
    desk = CheckoutDesk(SentTwice(shop.store, lambda _: False))

    assert desk.intervene(checkout, command).changed

    assert len({*shop.facts(checkout)}) == len(shop.facts(checkout))
    later(shop)
    invariants(shop)


@EVERY_COMMAND
def test_an_unknown_checkout_is_unknown(shop: Shop, command: Intervene) -> None:
    with pytest.raises(UnknownCheckout):
        intervene(shop, "nobody", command)

    assert shop.facts("nobody") == []


@EVERY_COMMAND
@each_row(
    ("actor", "reason", "wrong"),
    [
        (" ", "too slow", "actor"),
        ("x" * (ACTOR_CHARS_MAX + 1), "too slow", "actor"),
        (ACTOR, "", "reason"),
        (ACTOR, "x" * (REASON_CHARS_MAX + 1), "reason"),
        (ACTOR, "x" + " " * REASON_CHARS_MAX, "reason"),
    ],
)
def test_nobody_and_no_reason_are_refused(
    shop: Shop, command: Intervene, actor: str, reason: str, wrong: str
) -> None:
    checkout = shop.start({"p-1": 3})

    with pytest.raises(InvalidValue, match=wrong):
        intervene(shop, checkout, attrs.evolve(command, actor=actor, reason=reason))

    assert shop.facts(checkout) == ["CheckoutInitiated"]


@EVERY_COMMAND
def test_every_act_is_in_the_replay_with_who_and_why(shop: Shop, command: Intervene) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run(saga.STOCK_RESERVATION)

    intervene(shop, checkout, command)
    later(shop)

    (act,) = [
        replayed.recorded.event
        for replayed in shop.replay(checkout).events
        if isinstance(replayed.recorded.event, Intervention)
    ]
    assert (act.actor, act.reason) == (command.actor, command.reason)
    invariants(shop)


def test_the_start_and_the_acts_are_the_only_facts_without_a_cause(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    intervene(shop, checkout, CANCEL)
    later(shop)

    (history,) = shop.store.read(CHECKOUTS, [checkout])
    without = {type(recorded.event) for recorded in history if recorded.causation_id is None}
    assert without == {CheckoutInitiated, CheckoutCancelled}


def test_of_the_same_request_twice_at_once_one_is_told_that_the_other_was_first(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    request = Request("key", "cancel it")

    def be_first() -> None:
        assert not CheckoutDesk(shop.store).intervene(checkout, CANCEL, request=request).replayed

    second = interrupted_desk(shop, be_first).intervene(checkout, CANCEL, request=request)

    assert (second.changed, second.replayed) == (True, True)
    assert shop.facts(checkout).count("CheckoutCancelled") == 1


def test_of_two_requests_under_one_key_at_once_the_first_stands(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})

    def be_first() -> None:
        CheckoutDesk(shop.store).intervene(checkout, CANCEL, request=Request("key", "cancel it"))

    with pytest.raises(IdempotencyKeyReused):
        interrupted_desk(shop, be_first).intervene(checkout, RETRY, request=Request("key", "try again"))
    assert shop.facts(checkout) == ["CheckoutInitiated", "CheckoutCancelled"]
