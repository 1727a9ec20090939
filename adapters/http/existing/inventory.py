"""The existing inventory, over HTTP through the gateway: one product a call."""

from collections.abc import Mapping
from typing import Any, Final

import attrs

from adapters.http.existing.answers import NotUnderstood
from adapters.http.existing.service import HttpService, Request
from application.ports.existing_services import Call, ExistingInventory

_BASE: Final = "api/inventaire/api/ddd/inventaire"


@attrs.frozen
class HttpInventory(HttpService, ExistingInventory):
    """What it takes out and puts back, it does a product at a time."""

    def take(self, *, produit_id: str, units: int, call: Call) -> None:
        """`diminuer-stock`."""
        self._move("take", "diminuer-stock", produit_id, units, call)

    def give_back(self, *, produit_id: str, units: int, call: Call) -> None:
        """`augmenter-stock`."""
        self._move("give-back", "augmenter-stock", produit_id, units, call)

    def _move(self, operation: str, path: str, produit_id: str, units: int, call: Call) -> None:
        body = {"produit_id": produit_id, "quantite": units}
        self.service.call(Request(operation, "POST", f"{_BASE}/{path}/", body), call, _moved)


def _moved(answer: Mapping[str, Any]) -> None:
    if answer.get("success") is not True:
        raise NotUnderstood("the answer does not say success")
