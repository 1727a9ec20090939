"""What a warehouse asks for: take units of a product into stock."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable

import attrs

from application.events.event_ids import caused_by
from application.events.origin import NO_ORIGIN, Origin
from application.events.streams import INVENTORY
from application.ports.errors import Unavailable
from application.ports.event_store import Appended, Duplicate, EventStore, NewEvent, Write
from application.requests.start_checkout import IdempotencyKeyReused
from domain.inventory.stock_item import STOCK_ITEM, ReceiveUnits

ROUNDS_MAX = 50  # of deciding again while others change the same product


@attrs.frozen(kw_only=True)
class Received:
    """Where the receipt was recorded. `replayed`: it had been before."""

    produit_id: str
    units: int
    position: str
    replayed: bool


@attrs.frozen
class StockReceiver:
    """With an idempotency key, a receipt sent twice counts once."""

    store: EventStore
    random_bytes: Callable[[int], bytes] = secrets.token_bytes

    def receive(
        self, *, produit_id: str, units: int, key: str | None = None, origin: Origin = NO_ORIGIN
    ) -> Received:
        """Append UnitsReceived.

        Raises:
            InvalidValue: `units` outside its limits.
            IdempotencyKeyReused: `key` stands for another number of units of this product.
            Unavailable: the outcome is unknown; with a key it is safe to ask again.
        """
        cause = urlsafe_b64encode(self.random_bytes(12)).decode() if key is None else key
        event_id = caused_by(cause, "receipt", 0)
        for _ in range(ROUNDS_MAX):
            item, version = self.store.snapshots(INVENTORY, [produit_id])[produit_id]
            (event,) = STOCK_ITEM.decide(ReceiveUnits(produit_id=produit_id, units=units), item)
            write = Write(
                entity=produit_id,
                expected_version=version,
                events=(NewEvent(event=event, event_id=event_id, origin=origin),),
                snapshot=STOCK_ITEM.evolve(item, event),
            )
            (outcome,) = self.store.append(INVENTORY, [(write,)])
            if isinstance(outcome, Appended):
                return Received(
                    produit_id=produit_id, units=units, position=outcome.positions[0], replayed=False
                )
            if isinstance(outcome, Duplicate):
                return self._again(produit_id, units, event_id, cause)
        raise Unavailable(f"the stock of {produit_id} keeps changing")

    def _again(self, produit_id: str, units: int, event_id: str, key: str) -> Received:
        (known,) = self.store.find(INVENTORY, [(produit_id, event_id)])
        assert known is not None, event_id
        if getattr(known.event, "units", None) != units:
            raise IdempotencyKeyReused(key)
        return Received(produit_id=produit_id, units=units, position=known.position, replayed=True)
