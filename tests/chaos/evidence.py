"""Everything that a run leaves behind, read once when it has come to rest."""

import traceback
from collections.abc import Mapping, Sequence

import attrs

from application.events.recorded_event import RecordedEvent
from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.dead_letters import KeptDelivery, Wanted
from application.ports.event_bus import Subscription
from application.ports.event_store import StoredEntry
from application.ports.read_model import OrderRow
from domain.checkout.saga import SAGA
from tests.chaos.strangers import MARK
from tests.invariants import entries, invariants, order_rows
from tests.shop import Shop

STUCK_MAX = 1_000
HISTORIES_AT_ONCE = 500
LETTERS_PER_PAGE = 1_000


@attrs.frozen(kw_only=True)
class Evidence:
    """What was promised, and what is there."""

    accepted: frozenset[str]
    """Checkouts of which somebody was told that they are accepted."""
    received: Mapping[str, int]
    """Product -> units that were taken in."""
    events: Sequence[StoredEntry]
    """The stream of checkouts, the malformed among them."""
    stock_events: Sequence[StoredEntry]
    histories: Mapping[str, Sequence[RecordedEvent]]
    """Checkout -> its events, as replay reads them."""
    shown: Mapping[str, Sequence[OrderRow]]
    """Client -> rows in the read model."""
    orders_counted: int
    """The clients' totals in the read model, added up."""
    stock_shown: Mapping[str, tuple[int, int]]
    """Product -> (units free, units held), as anybody who asks is told."""
    audited: Sequence[str]
    """The positions in the audit trail, line by line."""
    trail_broken: str = ""
    """What is wrong with the chain of the audit trail."""
    letters: Sequence[KeptDelivery]
    openers: Mapping[str, frozenset[str]]
    """Event type -> the groups that open an entry of that type, and so notice that it makes no sense."""
    told: frozenset[str]
    """Checkouts whose end their client was told."""
    stuck: Sequence[str]
    left: Mapping[str, tuple[int, int]]
    """Group -> (deliveries not handed out, deliveries not acknowledged)."""
    broken_invariant: str = ""


def is_malformed(entry: StoredEntry) -> bool:
    """Whether a stranger meant it to make no sense."""
    return MARK in str(entry.payload)


def gather(
    shop: Shop,
    *,
    accepted: frozenset[str],
    received: Mapping[str, int],
    audited: Sequence[str],
    trail_broken: str,
    told: frozenset[str],
) -> Evidence:
    """Read what the server of `shop` keeps."""
    events = list(entries(shop, CHECKOUTS))
    histories = _histories(shop, events)
    clients = {id_ for entry in events if (id_ := _client_of(entry))}
    stuck, _ = shop.container.stuck_finder().older_than(0, count=STUCK_MAX)
    stock = {id_: shop.stock(id_) for id_ in received}
    return Evidence(
        accepted=accepted,
        received=received,
        events=events,
        stock_events=list(entries(shop, INVENTORY)),
        histories=histories,
        shown={client_id: list(order_rows(shop, client_id)) for client_id in clients},
        orders_counted=sum(shop.orders(client_id).total_orders for client_id in clients),
        stock_shown=stock,
        audited=audited,
        trail_broken=trail_broken,
        letters=_letters(shop),
        openers=_openers(shop),
        told=told,
        stuck=[f"{found.view.checkout_id} ({found.next.worker}: {found.next.why})" for found in stuck],
        left=_left(shop),
        broken_invariant=_broken_invariant(shop),
    )


def _client_of(entry: StoredEntry) -> str | None:
    return (
        entry.payload.get("client_id")
        if isinstance(entry.payload, dict) and not is_malformed(entry)
        else None
    )


def _histories(shop: Shop, events: Sequence[StoredEntry]) -> dict[str, list[RecordedEvent]]:
    ids = list(dict.fromkeys(e.checkout_id for e in events if e.checkout_id and not is_malformed(e)))
    found: dict[str, list[RecordedEvent]] = {}
    for first in range(0, len(ids), HISTORIES_AT_ONCE):
        some = ids[first : first + HISTORIES_AT_ONCE]
        found |= zip(some, shop.store.read(CHECKOUTS, some), strict=True)
    return found


def _letters(shop: Shop) -> list[KeptDelivery]:
    letters: list[KeptDelivery] = []
    after = None
    while True:
        page, after = shop.container.dead_letters().page(
            CHECKOUTS, Wanted(state=None), count=LETTERS_PER_PAGE, after=after
        )
        letters += page
        if after is None:
            return letters


def _openers(shop: Shop) -> dict[str, frozenset[str]]:
    types = {step.group: shop.container.handler(step.worker).types or frozenset() for step in SAGA}
    return {
        type_name: frozenset(group for group, opened in types.items() if type_name in opened)
        for type_name in frozenset().union(*types.values())
    }


def _left(shop: Shop) -> dict[str, tuple[int, int]]:
    backlogs = {
        step.group: shop.bus.backlog(Subscription(stream=CHECKOUTS, group=step.group, consumer="-"))
        for step in SAGA
    }
    return {group: (backlog.lag_events, backlog.pending) for group, backlog in backlogs.items()}


def _broken_invariant(shop: Shop) -> str:
    try:
        invariants(shop)
    except AssertionError as error:
        return str(error) or f"not so: {traceback.extract_tb(error.__traceback__)[-1].line}"
    return ""
