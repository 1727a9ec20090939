"""Entering the orders of checkouts in an order service that was there before us: a sale for each line.

It takes one product at a time. What was entered before a refusal is cancelled by the compensation, which
finds it in the notes of the calls.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from application.calls.calls_at_once import CallsAtOnce, caller_of
from application.calls.checkout_calls import CheckoutCalls, key_of
from application.calls.undoing_calls import undo
from application.ports import existing_services
from application.ports.existing_services import ExistingOrders
from application.steps.holds import Demand, demand_of
from application.steps.order_keeping import OrderKeeper
from application.steps.saga_step import AwaitsOperator, Case
from domain.calls.states import Call, Done, InDoubt, Refused, Standing, WantedCall, doubt_told
from domain.checkout.commands import ConcludeOrder
from domain.checkout.states import StockHeld
from domain.order.order import too_dear

CANCELLED_BECAUSE: Final = "the checkout failed"


class ExistingSales(OrderKeeper):
    """The order of a checkout has the id of its first sale, under which the service knows it."""

    def __init__(self, orders: ExistingOrders, at_once: CallsAtOnce, *, total_max: Decimal) -> None:
        self._orders = orders
        self._at_once = at_once
        self._total_max = total_max

    def enter(self, cases: Sequence[Case]) -> Mapping[str, ConcludeOrder | Exception]:
        waiting = {case.cause.entity: case.checkout for case in cases if self._waits(case)}
        demands = [demand_of(case, {}) for case in cases if case.cause.entity in waiting]

        def enter(calls: CheckoutCalls, demand: Demand) -> ConcludeOrder:
            checkout = waiting[demand.checkout_id]
            assert isinstance(checkout, StockHeld)
            return self._enter(calls, demand, checkout)

        otherwise = ConcludeOrder(total_max=self._total_max)
        return dict.fromkeys((case.cause.entity for case in cases), otherwise) | self._at_once.each(
            demands, enter
        )

    def undo(self, demands: Sequence[Demand]) -> Mapping[str, Exception]:
        answers = self._at_once.each(demands, self._undo)
        return {id_: answer for id_, answer in answers.items() if isinstance(answer, Exception)}

    def tick(self) -> None:
        self._at_once.note_late()

    def _waits(self, case: Case) -> bool:
        """Whether its sales are to be entered: what is too dear is refused before anybody is called."""
        checkout = case.checkout
        return isinstance(checkout, StockHeld) and not too_dear(checkout.cart.total, self._total_max)

    def _enter(self, calls: CheckoutCalls, demand: Demand, checkout: StockHeld) -> ConcludeOrder:
        """Where nothing must be entered any more the checkout has failed, and what it is told is too late."""
        ventes = []
        for line, wants in enumerate(checkout.cart.lines, start=1):
            wanted = WantedCall(
                operation="enter",
                line=line,
                key=key_of(caller_of(demand), "enter", line),
                produit_id=wants.produit_id,
                units=wants.units,
                client_id=checkout.client_id,
            )
            match self._make(calls, wanted):
                case Done(vente_id=str(vente_id)):
                    ventes.append(vente_id)
                case Refused(reason):
                    return ConcludeOrder(total_max=self._total_max, refusal=f"{wants.produit_id}: {reason}")
                case InDoubt(reason):
                    raise AwaitsOperator(doubt_told(wanted.name, reason))
                case _:
                    return ConcludeOrder(total_max=self._total_max, refusal="nothing is entered any more")
        return ConcludeOrder(total_max=self._total_max, ventes=tuple(ventes))

    def _undo(self, calls: CheckoutCalls, demand: Demand) -> None:
        def cancelling(call: Call, done: Done) -> WantedCall:
            line = call.wanted.line
            key = key_of(caller_of(demand), "cancel", line)
            return WantedCall(operation="cancel", line=line, key=key, vente_id=done.vente_id)

        undo(calls, "enter", lambda wanted, insist: self._make(calls, wanted, insist=insist), cancelling)

    def _make(self, calls: CheckoutCalls, wanted: WantedCall, *, insist: bool = False) -> Standing | None:
        def enter(call: existing_services.Call) -> str:
            client_id, produit_id, units = wanted.client_id, wanted.produit_id, wanted.units
            assert client_id is not None
            assert produit_id is not None
            assert units is not None
            return self._orders.enter(client_id=client_id, produit_id=produit_id, units=units, call=call)

        def cancel(call: existing_services.Call) -> None:
            assert wanted.vente_id is not None
            self._orders.cancel(vente_id=wanted.vente_id, reason=CANCELLED_BECAUSE, call=call)

        do = enter if wanted.operation == "enter" else cancel
        return calls.make(wanted, self._orders, do, insist=insist)
