"""What a shopper asks for: start a checkout."""

import secrets
from collections.abc import Callable

import attrs

from application.events.event_ids import checkout_id_from, start_of
from application.events.origin import NO_ORIGIN, Origin
from application.events.streams import CHECKOUTS
from application.ports.event_store import Appended, EventStore, NewEvent, Write
from domain.cart import Cart
from domain.checkout.checkout import CHECKOUT
from domain.checkout.commands import StartCheckout
from domain.checkout.events import Address
from domain.errors import DomainError

_SEED_BYTES = 16


@attrs.frozen(kw_only=True)
class Started:
    """The checkout and the position of its first event. `replayed`: it had been started before."""

    checkout_id: str
    position: str
    replayed: bool


@attrs.frozen
class IdempotencyKeyReused(DomainError):
    """The key came with another request before."""

    key: str

    def __str__(self) -> str:
        return "this Idempotency-Key was used with another body"


@attrs.frozen
class CheckoutStarter:
    """With an idempotency key, the checkout's id is derived from the key. The checkout itself is then
    the memory of the request: nothing else is stored, nothing expires, and no two can be under way."""

    store: EventStore
    random_bytes: Callable[[int], bytes] = secrets.token_bytes

    def start(
        self,
        *,
        client_id: str,
        cart: Cart,
        delivery_address: Address | None = None,
        key: str | None = None,
        origin: Origin = NO_ORIGIN,
    ) -> Started:
        """Append CheckoutInitiated.

        Raises:
            IdempotencyKeyReused: `key` stands for another request.
            Unavailable: the outcome is unknown; with a key it is safe to ask again.
        """
        seed = self.random_bytes(_SEED_BYTES) if key is None else b"key\n" + key.encode()
        checkout_id = checkout_id_from(seed)
        command = StartCheckout(
            checkout_id=checkout_id, client_id=client_id, cart=cart, delivery_address=delivery_address
        )
        (event,) = CHECKOUT.decide(command, CHECKOUT.initial)
        new = NewEvent(event=event, event_id=start_of(checkout_id), origin=origin)
        write = Write(entity=checkout_id, expected_version=0, events=(new,))
        (outcome,) = self.store.append(CHECKOUTS, [(write,)])
        if isinstance(outcome, Appended):
            return Started(checkout_id=checkout_id, position=outcome.positions[0], replayed=False)
        first = self.store.read(CHECKOUTS, [checkout_id])[0][0]
        if key is None or first.event != event:
            raise IdempotencyKeyReused(key or checkout_id)
        return Started(checkout_id=checkout_id, position=first.position, replayed=True)
