"""Answers kept up to date from the stream. Losing one loses nothing: it can be built again."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, Protocol

import attrs

OrderStatus = Literal["created", "succeeded", "failed"]


@attrs.frozen(kw_only=True)
class OrderRow:
    """One checkout as its client sees it, from the moment it has an order or has failed.

    `version` is the number of the checkout's events it stands for. `position` is that of the event which
    first made it a row, its order or its failure; it never changes, and rows are ordered by it. A failed
    checkout has no `commande_id`.
    """

    checkout_id: str
    client_id: str
    status: OrderStatus
    version: int
    position: str
    updated_at_s: float
    commande_id: str | None = None
    total: Decimal | None = None
    reason: str | None = None


@attrs.frozen(kw_only=True)
class ClientOrders:
    """A client's figures and one page of rows, newest first. `next` is the cursor for more.

    `total_orders` counts the rows that are not failed; the last order is the newest of those.
    """

    client_id: str
    total_orders: int
    total_failed: int
    last_order_id: str | None
    last_checkout_id: str | None
    last_update_s: float | None
    rows: tuple[OrderRow, ...]
    next: str | None


class OrdersReader(Protocol):
    """The reading half.

    Every method raises:
        Unavailable: no answer; ask again later.
    """

    def orders_of(self, client_id: str, *, count: int, after: str | None = None) -> ClientOrders:
        """What the client has; zeros and no rows for a client never seen.

        Raises:
            InvalidPosition: `after` is no cursor.
        """

    def checkout_of(self, commande_id: str) -> str | None:
        """The checkout that ended in this order, None where no such order is known."""


class ReadModel(OrdersReader, Protocol):
    """The read model with its one way of changing."""

    def apply(self, rows: Sequence[OrderRow]) -> None:
        """Put each row in the place of the same checkout's older one.

        A row whose version is not above that of the row it would replace must change nothing, so that
        rows may come twice and in any order. Figures and rows must change together.

        Raises:
            Unavailable: some rows may be in. Apply them again.
        """


class ReadModelEditions(Protocol):
    """Building a read model again, as another edition beside the one that readers are shown.

    From `begin` on, what is applied must go into both, whoever applies it. One is built at a time.

    Every method raises:
        Unavailable: no answer; what was asked may or may not have happened.
    """

    def begin(self) -> str:
        """Begin another edition, empty; its name. One that was begun before and is not shown is given up."""

    def put(self, edition: str, rows: Sequence[OrderRow]) -> None:
        """As `ReadModel.apply`, into `edition` alone, which must be the one that is built.

        Raises:
            EditionGone: it was given up.
        """

    def show(self, edition: str) -> None:
        """Show `edition` to all readers from now on, in one step for all clients.

        Raises:
            EditionGone: it was given up.
        """

    def give_up(self, edition: str) -> None:
        """Do not build `edition` any longer. One that is shown, or was given up, must be left as it is."""

    def tidy(self) -> None:
        """Forget what is kept of editions that are neither shown nor built."""
