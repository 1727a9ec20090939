"""How long checkouts take, seen where every event passes: at the audit trail."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from prometheus_client import CollectorRegistry

from adapters.telemetry.batch_histogram import BatchHistogram
from application.ports.audit_log import AuditLog
from application.ports.event_store import StoredEntry
from domain.checkout.events import END_FACTS, CheckoutInitiated
from domain.checkout.saga import ALL_FACTS

BUCKETS_S: Final = (
    *(0.002, 0.003, 0.004, 0.006, 0.008, 0.012, 0.02, 0.03, 0.05, 0.1),
    *(0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0),
)

_START: Final = CheckoutInitiated.__name__
_LATER: Final = frozenset(fact.__name__ for fact in ALL_FACTS) - {_START}
_ENDS: Final = frozenset(fact.__name__ for fact in END_FACTS)


class SagaDurations:
    """From CheckoutInitiated to each later fact of the checkout, both by the store's clock.

    A checkout whose start came before this process, or was followed by `open_max` others, is not counted.
    """

    def __init__(self, registry: CollectorRegistry, open_max: int = 20_000) -> None:
        self._open_max = open_max
        self._began_s: OrderedDict[str, float] = OrderedDict()
        self._histogram = BatchHistogram(
            "saga_choreo_duration_seconds", "From CheckoutInitiated to the fact", ("fact",), BUCKETS_S
        )
        registry.register(self._histogram)

    def watch(self, entries: Sequence[StoredEntry]) -> None:
        """Remember what begins, and measure what follows."""
        for entry in entries:
            checkout_id, type_ = entry.checkout_id, entry.type
            if checkout_id is None or type_ is None:
                continue
            if type_ == _START:
                self._remember(checkout_id, entry.recorded_at_s)
            elif type_ in _LATER:
                self._measure(checkout_id, type_, entry.recorded_at_s)

    def _remember(self, checkout_id: str, began_s: float) -> None:
        self._began_s.setdefault(checkout_id, began_s)
        if len(self._began_s) > self._open_max:
            self._began_s.popitem(last=False)

    def _measure(self, checkout_id: str, type_: str, at_s: float) -> None:
        ends = type_ in _ENDS
        began_s = self._began_s.pop(checkout_id, None) if ends else self._began_s.get(checkout_id)
        if began_s is not None:
            self._histogram.observe((type_,), (at_s - began_s,))


class TimedAuditLog(AuditLog):
    """`audit_log`, with what it keeps shown to `durations`."""

    def __init__(self, audit_log: AuditLog, durations: SagaDurations) -> None:
        self._audit_log = audit_log
        self._durations = durations

    def keep(self, entries: Sequence[StoredEntry]) -> None:
        """Keep, then measure: what could not be kept comes again."""
        self._audit_log.keep(entries)
        self._durations.watch(entries)
