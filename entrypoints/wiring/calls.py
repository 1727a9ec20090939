"""How calls to existing services are noted and spread, as the settings have it."""

from typing import Final

from application.calls.call_book import CallBook
from application.calls.calls_at_once import CallsAtOnce
from application.ports.clock import Clock
from application.ports.event_store import EventStore
from application.ports.open_checkouts import OpenCheckouts
from entrypoints.settings import Settings

_SHARE: Final = 0.25
"""Of the time that a worker has to stop in: what was begun by then has the rest of it to end."""


def calls_at_once(store: EventStore, doubts: OpenCheckouts, clock: Clock, settings: Settings) -> CallsAtOnce:
    """The calls of this process. A batch is over long before another consumer would claim it, or the watchdog
    end the process."""
    round_s = _SHARE * min(settings.shutdown_grace_s, settings.claim_idle_ms / 1000, settings.watchdog_s)
    book = CallBook(store, doubts, clock, margin_s=settings.call_margin_ms / 1000)
    return CallsAtOnce(book, at_once=settings.calls_at_once, round_s=round_s)
