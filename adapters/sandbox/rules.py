"""How the existing services answer, in their own words, and what a call that is granted changes."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeGuard

import attrs

TAKE: Final = "take"
GIVE_BACK: Final = "give-back"
SHOW: Final = "show"
ENTER: Final = "enter"
CANCEL: Final = "cancel"
SERVICES: Final = {
    TAKE: "inventory", GIVE_BACK: "inventory", SHOW: "inventory", ENTER: "orders", CANCEL: "orders"
}  # fmt: skip
"""Operation -> the service that does it."""

QUANTITE_MAX: Final = 10_000
FEW: Final = 10
PRIX_UNITAIRE: Final = 10.0


@attrs.frozen(kw_only=True)
class Asked:
    """A call, as it came in."""

    operation: str
    body: Mapping[str, Any]
    produit_id: str | None = None
    vente_id: str | None = None
    key: str | None = None
    correlation_id: str | None = None
    traceparent: str | None = None


@attrs.frozen
class Answer:
    """What is answered."""

    status: int
    body: Mapping[str, Any]
    happened: bool = False
    vente_id: str | None = None


@attrs.define
class Sale:
    """One product sold to one client."""

    client_id: str
    produit_id: str
    quantite: int
    active: bool = True


def answer(asked: Asked, stock: Mapping[str, int], sales: Mapping[str, Sale]) -> Answer:
    """What the service says; nothing is changed yet."""
    match asked.operation:
        case "take" | "give-back":
            return _moved(asked, stock)
        case "show":
            return _shown(asked, stock)
        case "enter":
            return _entered(asked)
        case "cancel":
            return _cancelled(asked, sales)
        case other:
            raise AssertionError(other)


def apply(asked: Asked, given: Answer, stock: dict[str, int], sales: dict[str, Sale]) -> None:
    """Change what `given` says has happened."""
    body = asked.body
    match asked.operation:
        case "take":
            stock[body["produit_id"]] -= body["quantite"]
        case "give-back":
            stock[body["produit_id"]] += body["quantite"]
        case "enter":
            assert given.vente_id
            sales[given.vente_id] = Sale(str(body["client_id"]), body["produit_id"], body["quantite"])
        case "cancel":
            assert asked.vente_id
            sales[asked.vente_id].active = False


def _moved(asked: Asked, stock: Mapping[str, int]) -> Answer:
    produit_id, quantite = asked.body.get("produit_id"), asked.body.get("quantite")
    if not _is_quantity(quantite):
        return _refused(f"La quantité doit être un entier entre 1 et {QUANTITE_MAX}")
    if not isinstance(produit_id, str) or produit_id not in stock:
        return _refused("Produit inconnu")
    left = stock[produit_id] + (quantite if asked.operation == GIVE_BACK else -quantite)
    if left < 0:
        return _refused(f"Stock insuffisant: {stock[produit_id]} disponible(s), {quantite} demandé(s)")
    how = "augmenté" if asked.operation == GIVE_BACK else "diminué"
    body = {"success": True, "message": f"Stock {how}", "nouvelle_quantite": left, "niveau": _level(left)}
    return Answer(200, body, happened=True)


def _shown(asked: Asked, stock: Mapping[str, int]) -> Answer:
    id_ = asked.produit_id or ""
    if id_ not in stock:
        return Answer(404, {"error": "Produit inconnu"})
    body = {"produit_id": id_, "quantite": stock[id_], "niveau": _level(stock[id_]), "nom_produit": id_}
    return Answer(200, body)


def _entered(asked: Asked) -> Answer:
    body = asked.body
    for name in ("magasin_id", "client_id", "produit_id"):
        if not isinstance(body.get(name), str) or not body[name]:
            return _refused(f"Le champ {name} est requis")
    if not _is_quantity(body.get("quantite")):
        return _refused(f"La quantité doit être un entier entre 1 et {QUANTITE_MAX}")
    vente_id = str(uuid.uuid4())
    total = PRIX_UNITAIRE * body["quantite"]
    line = {
        "produit_id": body["produit_id"],
        "quantite": body["quantite"],
        "prix_unitaire": PRIX_UNITAIRE,
        "sous_total": total,
    }
    vente = {
        "id": vente_id,
        "magasin": body["magasin_id"],
        "date_vente": datetime.now(UTC).isoformat(),
        "total": total,
        "client_id": body["client_id"],
        "statut": "active",
        "lignes": [line],
    }
    return Answer(201, {"success": True, "vente": vente}, happened=True, vente_id=vente_id)


def _cancelled(asked: Asked, sales: Mapping[str, Sale]) -> Answer:
    sale = sales.get(asked.vente_id or "")
    if sale is None:
        return Answer(404, {"error": "Vente inconnue"})
    if not sale.active:
        return _refused("La vente est déjà annulée")
    return Answer(200, {"success": True, "message": "Vente annulée"}, happened=True)


def _refused(error: str) -> Answer:
    return Answer(400, {"error": error})


def _is_quantity(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= QUANTITE_MAX


def _level(units: int) -> str:
    if not units:
        return "Rupture"
    return "Faible" if units < FEW else "Normal"
