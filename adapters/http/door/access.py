"""Who may do what: the scope that each operation needs of a key.

A new route gets its line here, under its endpoint; a test says so. One that is forgotten opens to nobody
as soon as keys are in force.
"""

from collections.abc import Mapping
from typing import Final, Literal

from adapters.api_keys.api_key import Scope

Access = Scope | Literal["open", "closed"]

ACCESS: Final[Mapping[str, Access]] = {
    "checkouts.start": "checkout:write",
    "checkouts.start_for_shop": "checkout:write",
    "checkouts.show": "read",
    "event_store.list_events": "read",
    "event_store.replay": "read",
    "event_store.orders_by_client": "read",
    "orders.show": "read",
    "inventory.show": "read",
    "inventory.receive": "inventory:write",
    "interventions.list_stuck": "read",
    "interventions.list_deadlines": "read",
    "interventions.cancel": "operate",
    "interventions.retry": "operate",
    "interventions.force_compensation": "operate",
    "interventions.resolve": "operate",
    "interventions.postpone": "operate",
    "dead_letters.list_some": "operate",  # they show errors, and what other programs wrote
    "dead_letters.show": "operate",
    "dead_letters.redrive": "operate",
    "dead_letters.redrive_some": "operate",
    "dead_letters.discard": "operate",
    "calls.list_some": "operate",  # they show what other services said
    "calls.show": "operate",
    "calls.settle": "operate",
    "event_schemas.show": "open",
    "problems.list_all": "open",
    "problems.show": "open",
    "contract.openapi": "open",
    "contract.asyncapi": "open",
    "contract.docs": "open",
    "contract.asset": "open",
    "health.live": "open",
    "health.ready": "open",
    "health.figures": "read",
}


def access_to(endpoint: str) -> Access:
    """What it takes to call `endpoint`: a scope; nothing at all; or it is closed to everybody."""
    return ACCESS.get(endpoint, "closed")
