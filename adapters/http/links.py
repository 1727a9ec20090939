"""Where things are found over HTTP. Ids need no escaping."""

from collections.abc import Mapping
from urllib.parse import urlencode


def checkout(checkout_id: str) -> str:
    return f"/api/checkouts/{checkout_id}"


def replay(checkout_id: str) -> str:
    return f"/api/event-store/replay/checkout/{checkout_id}"


def orders_of(client_id: str) -> str:
    return f"/api/event-store/cqrs/orders-by-client/{client_id}"


def stock(produit_id: str) -> str:
    return f"/api/inventory/{produit_id}"


def next_page(path: str, cursor: str | None, asked: Mapping[str, str]) -> dict[str, str]:
    """The `Link` header (RFC 8288) to the page after this one, if there is one."""
    if cursor is None:
        return {}
    return {"Link": f'<{path}?{urlencode({**asked, "after": cursor})}>; rel="next"'}
