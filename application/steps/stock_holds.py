"""Holding and releasing stock for checkouts, many at a time, on our own inventory.

A hold's event id comes from the checkout's first event, a release's from its hold. So whoever holds or
releases for a checkout, however often and in whichever process, it happens once.
"""

from collections.abc import Callable, Sequence
from typing import Final

from application.events.event_ids import caused_by
from application.events.streams import INVENTORY, Event, entity_of
from application.ports.errors import Unavailable
from application.ports.event_store import (
    Appended,
    Conflict,
    Duplicate,
    EventStore,
    NewEvent,
    Outcome,
    Transaction,
    Write,
)
from application.steps.holds import Demand, Holds
from domain.checkout.commands import ConcludeFailure, ConfirmStock
from domain.checkout.saga import STEPS, STOCK_COMPENSATION, STOCK_RESERVATION
from domain.inventory.events import StockEvent, UnitsHeld, UnitsRefused
from domain.inventory.reservation import Refused, Shortage, reserve
from domain.inventory.stock_item import STOCK_ITEM, RefuseUnits, ReleaseUnits, StockItem

ROUNDS_MAX = 16  # of deciding again when other processes change the same products
_HOLDER = STEPS[STOCK_RESERVATION].group
_HELD: Final = ConfirmStock()
_RELEASER = STEPS[STOCK_COMPENSATION].group
Stock = dict[str, tuple[StockItem, int]]


class StockHolds(Holds):
    """Raises `Unavailable` where the store does, or when other processes never let it through."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    def hold(self, demands: Sequence[Demand]) -> dict[str, ConfirmStock]:
        """First come, first served: a checkout is refused only for units held before it."""
        settled: dict[str, tuple[Shortage, ...]] = {}
        _in_rounds(demands, lambda some: self._hold_round(some, settled))
        return {
            id_: ConfirmStock(shortages=shortages) if shortages else _HELD
            for id_, shortages in settled.items()
        }

    def tick(self) -> None:
        """Everything is finished when it is asked for."""

    def release(self, demands: Sequence[Demand]) -> dict[str, ConcludeFailure]:
        """All lines were held or none."""
        taken: set[str] = set()
        _in_rounds(demands, lambda some: self._release_round(some, taken))
        return {d.checkout_id: ConcludeFailure(gave_back=d.checkout_id in taken) for d in demands}

    def _hold_round(self, demands: list[Demand], settled: dict[str, tuple[Shortage, ...]]) -> list[Demand]:
        """The demands to decide again: another process was quicker, or a refusal rests on holds of this
        round that did not come about as decided. `settled` grows: checkout id -> its shortages; none where
        every product it wants is held for it."""
        found = self._stock(demands)
        stock = dict(found)
        attempted: list[Demand] = []
        transactions: list[Transaction] = []
        refused: dict[str, tuple[Shortage, ...]] = {}
        doubtful: dict[str, tuple[Shortage, ...]] = {}
        for demand in demands:
            match _reserve(demand, stock):
                case Refused(shortages):
                    match _reserve(demand, found):
                        case Refused(found_short):
                            refused[demand.checkout_id] = found_short
                        case _:
                            doubtful[demand.checkout_id] = shortages
                case holds:
                    attempted.append(demand)
                    ids = [event_id for _, event_id in _hold_ids(demand)]
                    transactions.append(_transaction(holds, ids, demand, stock))
        outcomes = self._append(transactions)
        settled |= dict.fromkeys(_done(attempted, outcomes), ())
        if all(isinstance(outcome, Appended) for outcome in outcomes):
            refused |= doubtful
        settled |= self._unless_held(demands, refused)
        return [demand for demand in demands if demand.checkout_id not in settled]

    def _unless_held(
        self, demands: list[Demand], refused: dict[str, tuple[Shortage, ...]]
    ) -> dict[str, tuple[Shortage, ...]]:
        """Too few units are free, but some of those gone may be the checkout's own, from a run before."""
        if not refused:
            return {}
        held = self._taken([demand for demand in demands if demand.checkout_id in refused])
        return {id_: () if id_ in held else shortages for id_, shortages in refused.items()}

    def _release_round(self, demands: list[Demand], taken: set[str]) -> list[Demand]:
        """The demands to look at again: another process was quicker. `taken` grows: the checkouts for which
        something had been held."""
        firsts = self._first_facts(demands)
        taken |= {id_ for id_, fact in firsts.items() if isinstance(fact, UnitsHeld)}
        to_do = [d for d in demands if not isinstance(firsts.get(d.checkout_id), UnitsRefused)]
        stock = self._stock(to_do)
        transactions = [
            _give_back(demand, stock) if demand.checkout_id in taken else _refuse(demand, stock)
            for demand in to_do
        ]
        outcomes = self._append(transactions)
        return [
            demand
            for demand, outcome in zip(to_do, outcomes, strict=True)
            if isinstance(outcome, Conflict)
            or (isinstance(outcome, Duplicate) and demand.checkout_id not in taken)
        ]

    def _append(self, transactions: list[Transaction]) -> list[Outcome]:
        return self._store.append(INVENTORY, transactions) if transactions else []

    def _taken(self, demands: Sequence[Demand]) -> set[str]:
        """The checkouts for which something was held at some time."""
        firsts = self._first_facts(demands)
        return {id_ for id_, fact in firsts.items() if isinstance(fact, UnitsHeld)}

    def _first_facts(self, demands: Sequence[Demand]) -> dict[str, Event]:
        """Checkout id -> what its first product says of it. All lines or none: one line tells."""
        first_holds = [_hold_ids(demand)[0] for demand in demands]
        found = self._store.find(INVENTORY, first_holds) if first_holds else []
        return {d.checkout_id: fact.event for d, fact in zip(demands, found, strict=True) if fact}

    def _stock(self, demands: Sequence[Demand]) -> Stock:
        products = {produit_id for demand in demands for produit_id in demand.units}
        return dict(self._store.snapshots(INVENTORY, products))


def _in_rounds(demands: Sequence[Demand], in_a_round: Callable[[list[Demand]], list[Demand]]) -> None:
    """`in_a_round` tells which demands another round is needed for."""
    still_open = list(demands)
    for _ in range(ROUNDS_MAX):
        if not still_open:
            return
        still_open = in_a_round(still_open)
    if still_open:
        raise Unavailable("the stock of these products keeps changing")


def _hold_ids(demand: Demand) -> list[tuple[str, str]]:
    """(product, event id of its hold), in the order of the products."""
    return [(p, caused_by(demand.start_id, _HOLDER, n)) for n, p in enumerate(demand.units)]


def _reserve(demand: Demand, stock: Stock) -> list[StockEvent] | Refused:
    items = {produit_id: stock[produit_id][0] for produit_id in demand.units}
    return reserve(demand.checkout_id, demand.units, items)


def _done(demands: Sequence[Demand], outcomes: Sequence[Outcome]) -> set[str]:
    """The checkouts that need no further round. A duplicate is done: it was, in a run before."""
    pairs = zip(demands, outcomes, strict=True)
    return {demand.checkout_id for demand, outcome in pairs if not isinstance(outcome, Conflict)}


def _give_back(demand: Demand, stock: Stock) -> Transaction:
    events: list[StockEvent] = []
    ids = []
    for produit_id, hold_id in _hold_ids(demand):
        command = ReleaseUnits(
            produit_id=produit_id, checkout_id=demand.checkout_id, units=demand.units[produit_id]
        )
        events += STOCK_ITEM.decide(command, stock[produit_id][0])
        ids.append(caused_by(hold_id, _RELEASER, 0))
    return _transaction(events, ids, demand, stock)


def _refuse(demand: Demand, stock: Stock) -> Transaction:
    """Takes the place of the hold: whoever comes to hold now finds that its event is there already."""
    produit_id, hold_id = _hold_ids(demand)[0]
    command = RefuseUnits(produit_id=produit_id, checkout_id=demand.checkout_id)
    events = STOCK_ITEM.decide(command, stock[produit_id][0])
    return _transaction(events, [hold_id], demand, stock)


def _transaction(
    events: Sequence[StockEvent], event_ids: Sequence[str], demand: Demand, stock: Stock
) -> Transaction:
    """One write per product; `stock` moves on with it, so that the next decision sees it."""
    writes = []
    for event, event_id in zip(events, event_ids, strict=True):
        produit_id = entity_of(event)
        item, version = stock[produit_id]
        after = STOCK_ITEM.evolve(item, event)
        stock[produit_id] = (after, version + 1)
        new = NewEvent(event=event, event_id=event_id, causation_id=demand.start_id, origin=demand.origin)
        writes.append(Write(entity=produit_id, expected_version=version, events=(new,), snapshot=after))
    return tuple(writes)
