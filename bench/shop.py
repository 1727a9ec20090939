"""What goes in: carts, the starts of checkouts, and stock to sell."""

import random
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

import attrs

from adapters.codec.envelope import encode
from application.events.event_ids import checkout_id_from, start_of
from application.events.streams import CHECKOUTS
from application.ports.event_store import EventStore, NewEvent, Transaction, Write
from application.requests.receive_stock import StockReceiver
from domain.cart import Cart, Line
from domain.checkout.events import CheckoutInitiated
from domain.inventory.stock_item import RECEIPT_UNITS_MAX

BATCH: Final = 100
CLIENTS: Final = 1_000
PRODUCTS: Final = tuple(f"p-{number:04d}" for number in range(1_000))
HOT: Final = PRODUCTS[0]


@attrs.define
class Shoppers:
    """Starts of checkouts, different ones from each shopper seed; the same seed, the same checkouts.

    `hot`: one product is in every cart.
    """

    lines: int = 2
    hot: bool = False
    seed: int = 1
    _random: random.Random = attrs.field(init=False)
    _count: int = 0

    def __attrs_post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def start(self) -> CheckoutInitiated:
        """The next shopper's start. Ids are as long and as random as the service makes them."""
        self._count += 1
        checkout_id = checkout_id_from(b"%d %d" % (self.seed, self._count))
        client_id = f"client-{self._random.randrange(CLIENTS):05d}"
        return CheckoutInitiated(checkout_id=checkout_id, client_id=client_id, cart=self.cart())

    def cart(self) -> Cart:
        """A cart of as many different products as it has lines."""
        products = self._random.sample(PRODUCTS, self.lines)
        if self.hot and HOT not in products:
            products[0] = HOT
        return Cart.of(
            Line(produit_id=product, units=1 + place % 2, unit_price=Decimal("10.50") + place % 7)
            for place, product in enumerate(products)
        )

    def transactions(self, count: int) -> list[Transaction]:
        """The appends that start `count` checkouts."""
        return [start_transaction(self.start()) for _ in range(count)]


def start_transaction(start: CheckoutInitiated) -> Transaction:
    """The append that `POST /api/checkouts` does."""
    event_id = start_of(start.checkout_id)
    return (
        Write(
            entity=start.checkout_id, expected_version=0, events=(NewEvent(event=start, event_id=event_id),)
        ),
    )


def stock_up(receiver: StockReceiver, rounds: int = 1) -> None:
    """Take as much of every product into stock as a receipt may hold, `rounds` times."""
    for product in PRODUCTS:
        for _ in range(rounds):
            receiver.receive(produit_id=product, units=RECEIPT_UNITS_MAX)


def append_all(store: EventStore, transactions: Sequence[Transaction]) -> None:
    """Append them in batches."""
    for batch in batches(transactions):
        store.append(CHECKOUTS, batch)


def batches(transactions: Sequence[Transaction]) -> Iterator[Sequence[Transaction]]:
    """`BATCH` at a time."""
    for first in range(0, len(transactions), BATCH):
        yield transactions[first : first + BATCH]


def entry_fields(transaction: Transaction) -> dict[bytes, bytes]:
    """The fields of the entry that appending a start writes."""
    return encode(transaction[0].events[0], version=1, emitted_at_s=1_700_000_000.123)
