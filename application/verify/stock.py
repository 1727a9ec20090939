"""Check: the counters of each product are what its movements on the stream add up to."""

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from application.events.streams import INVENTORY
from application.ports.event_store import EventReader, StoredEntry
from application.verify.verdict import Verdict
from domain.inventory.stock_item import StockItem

PRODUCTS_MAX: Final = 10_000
_SIGNS: Final[Mapping[str, tuple[int, int]]] = {
    "UnitsReceived": (1, 0),
    "UnitsHeld": (0, 1),
    "UnitsReleased": (0, -1),
    "UnitsRefused": (0, 0),
}
"""Type -> what one unit adds to those received and to those held."""


@attrs.define
class _Movements:
    """Of one product, from the newest back. `sound`: nothing was found so far."""

    newest: int
    oldest: int
    received: int = 0
    held: int = 0
    sound: bool = True


class StockCheck:
    """A product's history may be long, so it is never read as a whole: the stream is gone through once."""

    stream = INVENTORY

    def __init__(self, store: EventReader, verdict: Verdict) -> None:
        """The versions are asked before the stream is: it must have them all."""
        self._store = store
        self._verdict = verdict
        self._products: dict[str, _Movements] = {}
        known = store.known_entities(INVENTORY, count=PRODUCTS_MAX)
        self._least = dict(zip(known, store.versions(INVENTORY, known), strict=True))

    def look(self, page: Sequence[StoredEntry]) -> None:
        """The next page, newest first."""
        own = [(entry, produit_id) for entry in page if (produit_id := _product_of(entry)) is not None]
        found = self._store.find(INVENTORY, [(id_, str(entry.event_id)) for entry, id_ in own])
        for (entry, produit_id), recorded in zip(own, found, strict=True):
            if recorded is None or recorded.position != entry.position:
                self._verdict.found("stock", entry.position, f"{entry.type} is not in the product's history")
            self._add(produit_id, entry)
        self._verdict.looks_at("stock", len(own))

    def _add(self, produit_id: str, entry: StoredEntry) -> None:
        version = int(entry.version or 0)
        started = _Movements(newest=version, oldest=version + 1)
        movements = self._products.setdefault(produit_id, started)
        if version != movements.oldest - 1 and movements.sound:
            movements.sound = False
            what = f"version {version} comes right before version {movements.oldest}"
            self._verdict.found("stock", produit_id, what)
        received, held = _SIGNS.get(str(entry.type), (0, 0))
        units = entry.payload.get("quantite", 0) if isinstance(entry.payload, dict) else 0
        movements.oldest = version
        movements.received += received * units
        movements.held += held * units

    def finish(self) -> None:
        """When the stream was gone through."""
        ids = sorted(self._products.keys() | self._least.keys())
        for first in range(0, len(ids), PRODUCTS_MAX):
            self._compare(ids[first : first + PRODUCTS_MAX])

    def _compare(self, ids: Sequence[str]) -> None:
        least = self._store.versions(INVENTORY, ids)
        snapshots = self._store.snapshots(INVENTORY, ids)
        most = self._store.versions(INVENTORY, ids)
        for id_, low, high in zip(ids, least, most, strict=True):
            item, version = snapshots[id_]
            if not low <= version <= high:
                self._say(id_, f"its counters are of version {version}, its history is at {low}")
            if (movements := self._products.get(id_)) is not None:
                self._add_up(id_, movements, item, version)
            elif self._verdict.whole:
                self._say(id_, "it has counters, and nothing on the stream")

    def _add_up(self, id_: str, movements: _Movements, item: StockItem, version: int) -> None:
        if movements.newest < self._least.get(id_, 0):
            self._say(id_, f"{self._least[id_]} events are noted, the stream ends at {movements.newest}")
        elif self._verdict.whole and movements.sound and movements.oldest > 1:
            self._say(id_, f"its first event on the stream is version {movements.oldest}")
        elif movements.sound and movements.oldest == 1 and movements.newest == version:
            added_up = StockItem(units_received=movements.received, units_held=movements.held)
            if added_up != item:
                counted = f"{item.units_free} free and {item.units_held} held"
                said = f"{added_up.units_free} free and {added_up.units_held} held"
                self._say(id_, f"its counters say {counted}, its movements {said}")

    def _say(self, produit_id: str, what: str) -> None:
        self._verdict.found("stock", produit_id, what)


def _product_of(entry: StoredEntry) -> str | None:
    """The product that one of our own entries is about."""
    if entry.version is None or entry.event_id is None or not isinstance(entry.payload, dict):
        return None
    produit_id = entry.payload.get("produit_id")
    return produit_id if isinstance(produit_id, str) else None
