"""Question: how much of a product is there? Reads, never writes."""

import attrs

from application.events.streams import INVENTORY
from application.ports.event_store import EventReader


@attrs.frozen(kw_only=True)
class StockView:
    """Units of a product: free, and held for checkouts that are under way or have succeeded."""

    produit_id: str
    units_free: int
    units_held: int
    version: int


@attrs.frozen
class StockRoom:
    """Answers from the snapshot beside each product's history."""

    store: EventReader

    def of(self, produit_id: str) -> StockView | None:
        """One product; None where nothing was ever received.

        Raises:
            Unavailable: ask again later.
        """
        return next(iter(self._views([produit_id])), None)

    def all(self, *, count: int) -> list[StockView]:
        """At most `count` products, by id.

        Raises:
            Unavailable: ask again later.
        """
        return self._views(self.store.known_entities(INVENTORY, count=count))

    def _views(self, products: list[str]) -> list[StockView]:
        return [
            StockView(
                produit_id=produit_id,
                units_free=item.units_free,
                units_held=item.units_held,
                version=version,
            )
            for produit_id, (item, version) in self.store.snapshots(INVENTORY, products).items()
            if item.known
        ]
