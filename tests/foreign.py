"""Entries as other programs write them: `type`, `payload`, and the time under one name or another."""

import json
from typing import Final

from adapters.inmemory.event_bus import fields_of
from application.events.streams import CHECKOUTS
from tests.shop import CLIENT, Shop

IN_2023: Final = 1690000000.1
LONG_AGO: Final = {"ts": str(IN_2023)}


def foreign_cart(**units: int) -> dict[str, object]:
    """A `panier` as the existing shop writes it, at 10.00 a unit; `p_1=3` is 3 of p-1."""
    lines = [
        {"produit_id": produit.replace("_", "-"), "quantite": count, "prix_unitaire": 10.0}
        for produit, count in units.items()
    ]
    count = sum(units.values())
    return {"client_id": CLIENT, "nombre_articles": count, "total": 10.0 * count, "produits": lines}


def add_foreign(shop: Shop, type: str, checkout_id: str, **payload: object) -> str:
    """XADD it with nothing but type, payload and ts; its position."""
    text = json.dumps({"checkout_id": checkout_id, **payload, "emitted_at": IN_2023})
    return shop.log.add(CHECKOUTS, fields_of(type=type, payload=text, **LONG_AGO))


def start_foreign(shop: Shop, checkout_id: str, **units: int) -> str:
    """Another program's bare start."""
    return add_foreign(shop, "CheckoutInitiated", checkout_id, client_id=CLIENT, panier=foreign_cart(**units))
