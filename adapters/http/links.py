"""Where things are found over HTTP. Ids need no escaping.

What a gateway has cut off the path (adapters/http/door/proxies.py) is what every link begins with.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Final
from urllib.parse import urlencode

PREFIX: Final = ContextVar("prefix", default="")
"""What a gateway cut off the path that is asked for: empty on the command line, and where there is none."""


def docs() -> str:
    return f"{PREFIX.get()}/docs"


def checkout(checkout_id: str) -> str:
    return f"{PREFIX.get()}/api/checkouts/{checkout_id}"


def replay(checkout_id: str) -> str:
    return f"{PREFIX.get()}/api/event-store/replay/checkout/{checkout_id}"


def orders_of(client_id: str) -> str:
    return f"{PREFIX.get()}/api/event-store/cqrs/orders-by-client/{client_id}"


def stock(produit_id: str) -> str:
    return f"{PREFIX.get()}/api/inventory/{produit_id}"


def dead_letter(id: str) -> str:
    return f"{PREFIX.get()}/api/dead-letters/{id}"


def call(id: str) -> str:
    return f"{PREFIX.get()}/api/calls/{id}"


def next_page(path: str, cursor: str | None, asked: Mapping[str, str]) -> dict[str, str]:
    """The `Link` header (RFC 8288) to the page after this one, if there is one."""
    if cursor is None:
        return {}
    return {"Link": f'<{PREFIX.get()}{path}?{urlencode({**asked, "after": cursor})}>; rel="next"'}
