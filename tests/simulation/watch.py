"""What must hold always, checked after every call of a port."""

from collections import Counter, defaultdict
from typing import cast

import attrs

from adapters.inmemory.log import InMemoryLog, text_of
from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.read_model import ReadModel
from tests.invariants import END_TYPES, Product
from tests.simulation.laws import (
    EVENT_IDS,
    FAIR_REFUSAL,
    HELD_ONCE,
    NEVER_OVERSOLD,
    NO_EARLY_EXPIRY,
    ONE_END,
    READ_MODEL,
    TAKEN_OVER,
    VERSIONS,
    hold,
)
from tests.simulation.stories import Entry, entry_at

ROWS_MAX = 1_000
NEVER_S = float("inf")


@attrs.define
class Want:
    """A cart that waits for its units, and whether there was ever a moment when some were missing."""

    units: Counter[str]
    was_short: bool = False


@attrs.define
class Watch:
    """Looks at what is new on the streams after every call of a port."""

    log: InMemoryLog
    deadline_s: float
    malformed: set[str] = attrs.Factory(set)
    """Positions of entries that are not meant to make sense."""
    products: dict[str, Product] = attrs.Factory(lambda: defaultdict(Product))
    started_s: dict[str, float] = attrs.Factory(dict)
    due_s: dict[str, float] = attrs.Factory(dict)
    _seen: dict[str, int] = attrs.Factory(lambda: {CHECKOUTS: 0, INVENTORY: 0})
    _ids: set[tuple[str, str, str]] = attrs.Factory(set)
    _versions: dict[tuple[str, str], int] = attrs.Factory(dict)
    _row_versions: dict[str, int] = attrs.Factory(dict)
    _ended: set[str] = attrs.Factory(set)
    _wants: dict[str, Want] = attrs.Factory(dict)

    def look(self) -> bool:
        """Check what was added; whether anything was."""
        news = False
        for stream in (INVENTORY, CHECKOUTS):
            log = self.log.stream(stream)
            if len(log.places) > self._seen[stream]:
                fresh = log.places[self._seen[stream] :]
                self._seen[stream] = len(log.places)
                news = True
                skipped = self.malformed if stream == CHECKOUTS else ()
                positions = [text_of(place) for place in fresh]
                for entry in (entry_at(log, p) for p in positions if p not in skipped):
                    assert entry is not None, fresh
                    self._check(stream, entry)
        if news:
            self._notice_shortages()
        return news

    def look_at_claim(self, held_since_s: dict[str, float], claimed: object, latest_s: float) -> None:
        """Check that what was `claimed` had been in other hands at most since `latest_s`."""
        assert isinstance(claimed, list)
        for delivery in claimed:
            since_s = held_since_s.get(delivery.position, latest_s)
            late_s = since_s - latest_s
            hold(TAKEN_OVER, late_s < 0.001, f"{delivery.position} was claimed {late_s:.3f} s too early")

    def look_at_rows(self, read_model: ReadModel, applied: object) -> None:
        """Check that no row of a checkout among those `applied` has gone back to an older version."""
        assert isinstance(applied, list)
        for client_id in {row.client_id for row in applied}:
            for row in read_model.orders_of(client_id, count=ROWS_MAX).rows:
                newest = self._row_versions.get(row.checkout_id, 0)
                hold(READ_MODEL, row.version >= newest, f"{row.checkout_id} is back at v{row.version}")
                self._row_versions[row.checkout_id] = row.version

    def _check(self, stream: str, entry: Entry) -> None:
        if entry.own:
            key = (stream, entry.entity, entry.event_id)
            hold(EVENT_IDS, key not in self._ids, f"{entry.entity} has {entry.event_id} twice")
            self._ids.add(key)
            before = self._versions.get((stream, entry.entity), 0)
            hold(
                VERSIONS, entry.version > before, f"{entry.type} of {entry.entity} is v{entry.version} again"
            )
            self._versions[stream, entry.entity] = entry.version
        if stream == INVENTORY:
            self._check_stock(entry)
        else:
            self._check_checkout(entry)

    def _check_stock(self, entry: Entry) -> None:
        product, units = self.products[entry.entity], entry.payload.get("quantite", 0)
        assert isinstance(units, int), entry
        checkout_id = str(entry.payload.get("checkout_id"))
        match entry.type:
            case "UnitsReceived":
                product.received += units
            case "UnitsHeld":
                hold(HELD_ONCE, checkout_id not in product.held, f"{checkout_id} holds {entry.entity} twice")
                product.held[checkout_id] = units
            case "UnitsRefused":
                held = product.held.get(checkout_id, 0)
                hold(HELD_ONCE, held == 0, f"{checkout_id} holds {held} {entry.entity} it was refused")
            case _:
                held = product.held.get(checkout_id, 0)
                hold(HELD_ONCE, held == units, f"{checkout_id} gives back {units} {entry.entity} of {held}")
                product.held[checkout_id] = 0
        hold(NEVER_OVERSOLD, product.free >= 0, f"{product.free} of {entry.entity} are free")

    def _check_checkout(self, entry: Entry) -> None:
        id_ = entry.entity
        if entry.type == "CheckoutInitiated" and id_ not in self.started_s:
            self.started_s[id_] = entry.recorded_s
            self.due_s[id_] = entry.recorded_s + self.deadline_s
            self._wants[id_] = Want(entry.wanted)
        if not entry.own:
            return
        hold(ONE_END, id_ not in self._ended, f"{entry.type} of {id_} follows its end")
        if entry.type in END_TYPES:
            self._ended.add(id_)
        if entry.type == "CheckoutDeadlineExpired":
            early_s = self.due_s[id_] - entry.recorded_s
            hold(NO_EARLY_EXPIRY, early_s < 0.1, f"{id_} expired {early_s:.3f} s early")
        if entry.type == "DeadlinePostponed":
            self.due_s[id_] = cast(float, entry.payload.get("expires_at", NEVER_S))
        if entry.type == "StockReservationFailed":
            self._notice_shortages()
            hold(FAIR_REFUSAL, self._wants[id_].was_short, f"{id_} wanted {dict(self._wants[id_].units)}")

    def _notice_shortages(self) -> None:
        for id_, want in self._wants.items():
            if not want.was_short:
                want.was_short = any(
                    units > self.products[p].free + self.products[p].held[id_]
                    for p, units in want.units.items()
                )
