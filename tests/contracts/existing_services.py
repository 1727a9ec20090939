"""The contract of ExistingInventory and ExistingOrders."""

from collections.abc import Callable, Mapping
from typing import Protocol

import pytest

from application.ports.existing_services import (
    Call,
    CallRefused,
    ExistingInventory,
    ExistingOrders,
    NotCalled,
    OutcomeUnknown,
)

STOCK: Mapping[str, int] = {"produit-1": 10, "produit-2": 1}
KEY = Call(key="key-1")
ANOTHER = Call(key="key-2")


class Hand(Protocol):
    """Reaches into the services, behind the back of the ports. Faults befall the next call of either."""

    def refuse(self) -> None: ...

    def not_reached(self) -> None: ...

    def lose_answer(self, *, happened: bool) -> None: ...

    def leave_alone(self) -> None:
        """The service is not to be called for now."""

    def stock(self, produit_id: str) -> int: ...

    def sold(self) -> Mapping[str, int]:
        """Product -> units of the sales that stand."""

    def effects(self) -> int:
        """How many calls have had an effect."""


class ExistingServicesContract:
    """What they do. A subclass provides `inventory`, `orders` and `hand`, for services that do not know
    keys, and `repeatable_inventory`, `repeatable_orders` and `repeatable_hand` for those that do."""

    def test_units_are_taken_and_given_back(self, inventory: ExistingInventory, hand: Hand) -> None:
        inventory.take(produit_id="produit-1", units=4, call=KEY)
        assert hand.stock("produit-1") == 6

        inventory.give_back(produit_id="produit-1", units=3, call=ANOTHER)
        assert hand.stock("produit-1") == 9

    @pytest.mark.parametrize(("produit_id", "units"), [("produit-2", 2), ("unknown", 1)])
    def test_what_is_not_there_is_refused_in_words(
        self, inventory: ExistingInventory, hand: Hand, produit_id: str, units: int
    ) -> None:
        with pytest.raises(CallRefused) as refused:
            inventory.take(produit_id=produit_id, units=units, call=KEY)

        assert refused.value.reason
        assert hand.effects() == 0

    def test_a_sale_is_entered_under_an_id_of_its_own(self, orders: ExistingOrders, hand: Hand) -> None:
        ids = {_enter(orders, call) for call in (KEY, ANOTHER)}

        assert len(ids) == 2
        assert hand.sold() == {"produit-1": 4}

    def test_a_sale_may_be_cancelled_again(self, orders: ExistingOrders, hand: Hand) -> None:
        vente_id = _enter(orders, KEY)

        orders.cancel(vente_id=vente_id, reason="produit-2 is short", call=ANOTHER)
        orders.cancel(vente_id=vente_id, reason="produit-2 is short", call=ANOTHER)

        assert hand.sold() == {}
        assert hand.effects() == 2

    def test_a_sale_that_nobody_knows_cannot_be_cancelled(self, orders: ExistingOrders) -> None:
        with pytest.raises(CallRefused):
            orders.cancel(vente_id="unknown", reason="-", call=KEY)

    def test_a_refusal_has_no_effect(
        self, inventory: ExistingInventory, orders: ExistingOrders, hand: Hand
    ) -> None:
        for ask in _every_call(inventory, orders):
            hand.refuse()
            with pytest.raises(CallRefused):
                ask()
        assert hand.effects() == 0

    def test_what_was_not_reached_has_had_no_effect(
        self, inventory: ExistingInventory, orders: ExistingOrders, hand: Hand
    ) -> None:
        for ask in _every_call(inventory, orders):
            hand.not_reached()
            with pytest.raises(NotCalled):
                ask()
        assert hand.effects() == 0

    @pytest.mark.parametrize("happened", [True, False])
    def test_a_lost_answer_leaves_the_outcome_unknown_and_the_call_is_not_made_again(
        self, inventory: ExistingInventory, orders: ExistingOrders, hand: Hand, happened: bool
    ) -> None:
        for ask in _every_call(inventory, orders):
            hand.lose_answer(happened=happened)
            with pytest.raises(OutcomeUnknown):
                ask()

        assert hand.effects() == (3 if happened else 0)

    @pytest.mark.parametrize("happened", [True, False])
    def test_a_repeatable_service_does_a_call_once_however_often_it_is_made(
        self,
        repeatable_inventory: ExistingInventory,
        repeatable_orders: ExistingOrders,
        repeatable_hand: Hand,
        happened: bool,
    ) -> None:
        for ask in _every_call(repeatable_inventory, repeatable_orders):
            repeatable_hand.lose_answer(happened=happened)
            _until_it_is_known(ask)
            ask()

        assert repeatable_hand.effects() == 3

    def test_a_repeatable_service_gives_the_sale_that_it_has_entered(
        self, repeatable_orders: ExistingOrders, repeatable_hand: Hand
    ) -> None:
        ids = {_enter(repeatable_orders, KEY) for _ in range(3)}

        assert len(ids) == 1
        assert repeatable_hand.sold() == {"produit-1": 2}

    def test_a_service_says_before_a_call_that_it_would_not_be_made(
        self, inventory: ExistingInventory, hand: Hand
    ) -> None:
        inventory.ready()
        hand.leave_alone()

        with pytest.raises(NotCalled):
            inventory.ready()

        assert hand.effects() == 0

    def test_a_service_says_what_it_can_and_how_long_a_call_may_take(
        self,
        inventory: ExistingInventory,
        orders: ExistingOrders,
        repeatable_inventory: ExistingInventory,
        repeatable_orders: ExistingOrders,
    ) -> None:
        assert not inventory.repeatable
        assert not orders.repeatable
        assert repeatable_inventory.repeatable
        assert repeatable_orders.repeatable
        assert all(service.longest_s > 0 for service in (inventory, orders))


def _every_call(inventory: ExistingInventory, orders: ExistingOrders) -> list[Callable[[], object]]:
    """Each has an effect, unless something goes wrong."""
    return [
        lambda: inventory.take(produit_id="produit-1", units=1, call=Call(key="take")),
        lambda: inventory.give_back(produit_id="produit-1", units=1, call=Call(key="give back")),
        lambda: orders.enter(client_id="c", produit_id="produit-1", units=1, call=Call(key="enter")),
    ]


def _enter(orders: ExistingOrders, call: Call) -> str:
    return orders.enter(client_id="client-1", produit_id="produit-1", units=2, call=call)


def _until_it_is_known(ask: Callable[[], object]) -> None:
    """As a caller does: whether the adapter itself asks again is its own affair."""
    try:
        ask()
    except OutcomeUnknown:
        ask()
