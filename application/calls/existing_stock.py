"""Holding stock for checkouts in an inventory that was there before us, product by product.

It knows no transactions: what was taken before a refusal is given back by the compensation, which finds it in
the notes of the calls.
"""

from collections.abc import Mapping, Sequence

from application.calls.calls_at_once import CallsAtOnce, caller_of
from application.calls.checkout_calls import CheckoutCalls, key_of
from application.calls.undoing_calls import undo
from application.ports import existing_services
from application.ports.existing_services import ExistingInventory
from application.steps.holds import Demand, Holds
from application.steps.saga_step import AwaitsOperator
from domain.calls.states import Call, Done, InDoubt, Refused, Standing, WantedCall, doubt_told
from domain.checkout.commands import ConcludeFailure, ConfirmStock


class ExistingStock(Holds):
    """A call a product, one after another."""

    def __init__(self, inventory: ExistingInventory, at_once: CallsAtOnce) -> None:
        self._inventory = inventory
        self._at_once = at_once

    def hold(self, demands: Sequence[Demand]) -> Mapping[str, ConfirmStock | Exception]:
        return self._at_once.each(demands, self._hold)

    def release(self, demands: Sequence[Demand]) -> Mapping[str, ConcludeFailure | Exception]:
        return self._at_once.each(demands, self._release)

    def tick(self) -> None:
        self._at_once.note_late()

    def _hold(self, calls: CheckoutCalls, demand: Demand) -> ConfirmStock:
        """Where nothing must be taken any more the checkout has failed, and is told so too late to matter."""
        for line, (produit_id, units) in enumerate(demand.units.items(), start=1):
            key = key_of(caller_of(demand), "take", line)
            wanted = WantedCall(operation="take", line=line, key=key, produit_id=produit_id, units=units)
            match self._make(calls, wanted):
                case Refused(reason):
                    return ConfirmStock(refusal=f"{produit_id}: {reason}")
                case InDoubt(reason):
                    raise AwaitsOperator(doubt_told(wanted.name, reason))
        return ConfirmStock()

    def _release(self, calls: CheckoutCalls, demand: Demand) -> ConcludeFailure:
        def back(call: Call, _done: Done) -> WantedCall:
            wanted = call.wanted
            key = key_of(caller_of(demand), "give-back", wanted.line)
            return WantedCall(
                operation="give-back",
                line=wanted.line,
                key=key,
                produit_id=wanted.produit_id,
                units=wanted.units,
            )

        undone = undo(calls, "take", lambda wanted, insist: self._make(calls, wanted, insist=insist), back)
        products = frozenset(call.wanted.produit_id for call in undone if call.wanted.produit_id)
        return ConcludeFailure(gave_back=bool(undone), products=products)

    def _make(self, calls: CheckoutCalls, wanted: WantedCall, *, insist: bool = False) -> Standing | None:
        produit_id, units = wanted.produit_id, wanted.units
        assert produit_id is not None
        assert units is not None
        act = self._inventory.take if wanted.operation == "take" else self._inventory.give_back

        def do(call: existing_services.Call) -> None:
            act(produit_id=produit_id, units=units, call=call)

        return calls.make(wanted, self._inventory, do, insist=insist)
