"""Question: do streams, groups, read model and audit trail agree? Reads, never writes; traffic may go on.

What is compared is read in an order in which traffic can do no harm: a group's place and the audit trail
before the stream, a version before and after the history that it counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs

from application.events.recorded_event import RecordedEvent
from application.events.streams import CALLS, CHECKOUTS, STREAMS
from application.ports.event_store import EventReader, StoredEntry
from application.ports.group_progress import GroupPlace, GroupProgress
from application.ports.open_checkouts import OpenCheckouts
from application.ports.positions import before, parse
from application.ports.read_model import OrdersReader
from application.verify.orders import OrdersCheck
from application.verify.stock import StockCheck
from application.verify.verdict import Verdict
from domain.checkout.saga import AUDIT, CQRS_PROJECTION, SAGA, STEPS

PAGE: Final = 500  # entries that are looked at together
BEGINNING: Final = "0-0"


@attrs.frozen
class Audited:
    """Position -> event id of the newest lines of the audit trail; `whole` if there were never others."""

    lines: Mapping[str, str | None]
    whole: bool


@attrs.frozen
class Verifier:
    """What it is given holds nothing that can write."""

    store: EventReader
    progress: GroupProgress
    orders: OrdersReader
    open_checkouts: OpenCheckouts

    def verify(self, *, count: int, audited: Audited | None = None, gone_until: str = BEGINNING) -> Verdict:
        """Look at the newest `count` entries of each stream, and at all that belongs to them.

        `audited` must have been read before this is called; None where there is no trail here. Up to
        `gone_until` positions of it may be gone.

        Raises:
            Unavailable: ask again later.
        """
        verdict = Verdict(open_checkouts=self.open_checkouts.count())
        stock = StockCheck(self.store, verdict)
        places = {stream: self.progress.places(stream) for stream in STREAMS}
        dealt_with = {place.group: _dealt_with(place) for place in places[CHECKOUTS]}
        orders = OrdersCheck(self.store, self.orders, verdict, dealt_with.get(STEPS[CQRS_PROJECTION].group))
        seen: dict[str, str | None] = {}
        for page in self._pages(CHECKOUTS, count, verdict):
            seen |= {entry.position: entry.event_id for entry in page}
            orders.look(page, self._histories(CHECKOUTS, page, verdict))
        _groups(places[CHECKOUTS], CHECKOUTS, seen, verdict)
        for page in self._pages(CALLS, count, verdict):
            self._histories(CALLS, page, verdict)
        for page in self._pages(stock.stream, count, verdict):
            stock.look(page)
        stock.finish()
        if audited is not None:
            audit_group = dealt_with.get(STEPS[AUDIT].group)
            _audit(audited, seen, verdict, until=audit_group, gone_until=gone_until)
        return verdict

    def _pages(self, stream: str, count: int, verdict: Verdict) -> Iterator[Sequence[StoredEntry]]:
        """The newest entries, newest first."""
        after: str | None = None
        while count > 0:
            page = self.store.page(stream, count=min(PAGE, count), after=after, newest_first=True)
            yield page.entries
            count -= len(page.entries)
            if (after := page.next) is None:
                return
        verdict.whole = False

    def _histories(
        self, stream: str, page: Sequence[StoredEntry], verdict: Verdict
    ) -> list[list[RecordedEvent]]:
        """The histories of the checkouts on a page; each must be what the store notes beside the stream."""
        ids = list(dict.fromkeys(entry.checkout_id for entry in page if entry.checkout_id))
        least = self.store.versions(stream, ids)
        histories = self.store.read(stream, ids)
        most = self.store.versions(stream, ids)
        for id_, history, low, high in zip(ids, histories, least, most, strict=True):
            versions = [recorded.version for recorded in history]
            if versions != list(range(1, len(versions) + 1)):
                verdict.found("histories", id_, f"versions {_listed(versions)} are not 1 to {len(versions)}")
            elif not low <= len(versions) <= high:
                verdict.found("histories", id_, f"noted are {low} events, the stream has {len(versions)}")
        told = {recorded.position for history in histories for recorded in history}
        for entry in page:
            if entry.version is not None and entry.event_id is not None and entry.position not in told:
                verdict.found("histories", entry.position, f"{entry.type} is in no checkout's history")
        verdict.looks_at("histories", len(page))
        return histories


def _groups(
    places: Sequence[GroupPlace], stream: str, seen: Mapping[str, str | None], verdict: Verdict
) -> None:
    """`seen` was read after `places`."""
    end = max((parse(position) for position in seen), default=(0, 0))
    oldest = min((parse(position) for position in seen), default=(0, 0))
    for place in places:
        if parse(place.cursor) > end:
            verdict.found("groups", place.group, f"it is at {place.cursor}, beyond the end of {stream}")
        if place.checkpoint is not None and parse(place.checkpoint) > parse(place.cursor):
            verdict.found(
                "groups",
                place.group,
                f"its checkpoint {place.checkpoint} is beyond its cursor {place.cursor}",
            )
        waiting = place.oldest_pending
        if waiting is not None and parse(waiting) >= oldest and waiting not in seen:
            verdict.found("groups", place.group, f"{waiting} is pending, and not on {stream}")
    missing = {step.group for step in SAGA} - {place.group for place in places} if seen else set()
    for group in sorted(missing):
        verdict.found("groups", group, "there is no such group; its worker makes it when it starts")
    verdict.looks_at("groups", len(places))


def _audit(
    audited: Audited, seen: Mapping[str, str | None], verdict: Verdict, *, until: str | None, gone_until: str
) -> None:
    """`audited` was read before `seen`, so each of its positions must be there."""
    lines = audited.lines
    oldest = (0, 0) if verdict.whole else min(map(parse, seen), default=(0, 0))
    verdict.gone = sorted((p for p in lines if p not in seen and parse(p) >= oldest), key=parse)
    for position in verdict.gone:
        if parse(position) > parse(gone_until):
            verdict.found("audit trail", position, "it is audited, and not on the stream")
    for position in lines.keys() & seen.keys():
        if lines[position] != seen[position]:
            verdict.found("audit trail", position, "the line there tells of another event")
    if audited.whole and until is not None:
        for position in seen.keys() - lines.keys():
            if parse(position) <= parse(until):
                verdict.found("audit trail", position, "the audit worker is done with it, and it has no line")
    verdict.looks_at("audit trail", len(lines))


def _dealt_with(place: GroupPlace) -> str:
    """The position up to which the group is done with everything."""
    if place.oldest_pending is None:
        return place.cursor
    return min(place.cursor, before(place.oldest_pending), key=parse)


def _listed(versions: Sequence[int], most: int = 12) -> str:
    shown = ", ".join(map(str, versions[:most]))
    return f"{shown}, ..." if len(versions) > most else shown or "none"
