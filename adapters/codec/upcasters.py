"""Old and foreign payloads, brought to today's schema one step at a time.

Schema 0 is what other programs write without saying so (the bare entry of the decision record: `type`,
`payload`, and `ts` or `emitted_at`). Schema 1 is the first one of our own. Schema 2 has its payloads; the
entry around them has shorter ids, and whole seconds. An upcaster may change its argument; it never refuses,
that is the shape's work.
"""

from collections.abc import Callable
from typing import Any, Final

FOREIGN: Final = 0
CURRENT: Final = 2

Payload = dict[str, Any]


def _from_existing_shop(payload: Payload) -> Payload:
    """Its carts call their lines `lignes` here and there, and the client may stand in the cart only."""
    panier = payload.get("panier")
    if isinstance(panier, dict):
        if "produits" not in panier and "lignes" in panier:
            panier["produits"] = panier["lignes"]
        if payload.get("client_id") is None and panier.get("client_id") is not None:
            payload["client_id"] = panier["client_id"]
    return payload


def _as_it_is(payload: Payload) -> Payload:
    return payload


UPCASTERS: Final[dict[int, Callable[[Payload], Payload]]] = {FOREIGN: _from_existing_shop, 1: _as_it_is}
"""Schema -> what brings a payload from it to the next one."""


def upcast(payload: Payload, schema: int) -> Payload:
    """`payload` in the current schema."""
    for step in range(schema, CURRENT):
        payload = UPCASTERS[step](payload)
    return payload
