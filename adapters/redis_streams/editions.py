"""Editions of the read model: which one is shown, which one is built beside it, and the keys of each."""

import re
from typing import Final

import attrs

FIRST: Final = ""
"""The edition there is before any other was built. Those have random names: none ever comes back."""

ORDERS: Final = "{orders-by-client}"
"""What all keys of the read model begin with."""

EDITIONS_KEY: Final = f"{ORDERS}/editions"
"""String: `<shown> <built beside it>`. Every script on the read model is given what its caller takes it
for, and does nothing where it has changed: so a change of it is one step for everybody."""

_key = re.compile(r"\{orders-by-client\}(?:/([0-9a-f]+))?(?:/totals|/order)?:").match


@attrs.frozen
class Editions:
    shown: str = FIRST
    built: str | None = None

    @property
    def written(self) -> tuple[str, ...]:
        """Those that what is applied goes into."""
        return (self.shown,) if self.built is None else (self.shown, self.built)

    @classmethod
    def of(cls, text: bytes | None) -> "Editions":
        """As the server has it; None where it has nothing yet."""
        shown, _, built = (text or b"").decode().partition(" ")
        return cls(shown, built or None)

    def __str__(self) -> str:
        return f"{self.shown} {self.built or ''}".rstrip(" ")


def edition_of(key: bytes) -> str | None:
    """The edition that a key belongs to; None where it is no edition's."""
    found = _key(key.decode(errors="replace"))
    return None if found is None else found[1] or FIRST


def rows_key(edition: str, client_id: str) -> str:
    """Sorted set: a client's rows in their order."""
    return f"{_of(edition)}:{client_id}"


def totals_key(edition: str, client_id: str) -> str:
    """Hash: a client's figures."""
    return f"{_of(edition)}/totals:{client_id}"


def foreign_order_key(edition: str, commande_id: str) -> str:
    """String: the checkout of an order that another program created under an id of its own."""
    return f"{_of(edition)}/order:{commande_id}"


def _of(edition: str) -> str:
    return f"{ORDERS}/{edition}" if edition else ORDERS
