"""The existing order service, over HTTP through the gateway: one product a sale."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import attrs

from adapters.http.existing.answers import NotUnderstood
from adapters.http.existing.service import HttpService, Request
from application.ports.existing_services import Call, CallRefused, ExistingOrders
from domain.identifiers import is_identifier

_BASE: Final = "api/commandes/api/v1/ventes-ddd"
_is_already = re.compile(r"\b(déjà|deja|already)\b", re.IGNORECASE).search


@attrs.frozen
class HttpOrders(HttpService, ExistingOrders):
    """Enters sales for the store `magasin_id`."""

    magasin_id: str

    def enter(self, *, client_id: str, produit_id: str, units: int, call: Call) -> str:
        """`enregistrer`."""
        body = {
            "magasin_id": self.magasin_id,
            "client_id": client_id,
            "produit_id": produit_id,
            "quantite": units,
        }
        return self.service.call(Request("enter", "POST", f"{_BASE}/enregistrer/", body), call, _entered)

    def cancel(self, *, vente_id: str, reason: str, call: Call) -> None:
        """`annuler`. A sale that is cancelled already is refused with 400 there, and in no other way."""
        path = f"{_BASE}/{quote(vente_id, safe='')}/annuler/"
        what = Request("cancel", "PATCH", path, {"motif": reason}, harmless=True)
        try:
            self.service.call(what, call, _cancelled)
        except CallRefused as refused:
            if not _is_already(refused.reason):
                raise


def _entered(answer: Mapping[str, Any]) -> str:
    vente = answer.get("vente")
    vente_id = vente.get("id") if isinstance(vente, dict) else None
    if answer.get("success") is not True or not isinstance(vente_id, str) or not is_identifier(vente_id):
        raise NotUnderstood("the answer names no sale")
    return vente_id


def _cancelled(answer: Mapping[str, Any]) -> None:
    if not answer or answer.get("success", True) is not True:
        raise NotUnderstood("the answer does not say success")
