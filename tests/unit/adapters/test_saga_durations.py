"""How long checkouts take, as Prometheus sees it."""

import attrs
import pytest
from prometheus_client import CollectorRegistry

from adapters.inmemory.audit_log import InMemoryAuditLog
from adapters.telemetry.saga_durations import SagaDurations, TimedAuditLog
from application.ports.event_store import StoredEntry
from tests.contracts.audit_log import entry

NAME = "saga_choreo_duration_seconds"


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def durations(registry: CollectorRegistry) -> SagaDurations:
    return SagaDurations(registry)


def fact(type: str, ms: int, checkout_id: str | None = "c1") -> StoredEntry:
    return attrs.evolve(entry(f"{1_000_000 + ms}-0", type=type), checkout_id=checkout_id)


def total(registry: CollectorRegistry, fact: str) -> tuple[float | None, float | None]:
    """(how many, seconds in all)."""
    count, seconds = (
        registry.get_sample_value(f"{NAME}_{part}", {"fact": fact}) for part in ("count", "sum")
    )
    return count, None if seconds is None else round(seconds, 6)


def test_each_later_fact_is_measured_from_the_start(
    durations: SagaDurations, registry: CollectorRegistry
) -> None:
    durations.watch([fact("CheckoutInitiated", 0), fact("StockReserved", 4)])
    durations.watch([fact("OrderCreated", 7), fact("CheckoutSucceeded", 7)])

    assert total(registry, "StockReserved") == (1, 0.004)
    assert total(registry, "CheckoutSucceeded") == (1, 0.007)
    assert total(registry, "CheckoutInitiated") == (None, None)


def test_what_comes_after_the_end_is_nobodys_duration(
    durations: SagaDurations, registry: CollectorRegistry
) -> None:
    durations.watch([fact("CheckoutInitiated", 0), fact("CheckoutFailed", 9), fact("CheckoutFailed", 5_000)])

    assert total(registry, "CheckoutFailed") == (1, 0.009)


def test_a_start_that_comes_again_moves_nothing(
    durations: SagaDurations, registry: CollectorRegistry
) -> None:
    durations.watch(
        [fact("CheckoutInitiated", 0), fact("CheckoutInitiated", 900), fact("StockReserved", 1_000)]
    )

    assert total(registry, "StockReserved") == (1, 1.0)


def test_what_is_no_fact_of_a_known_checkout_is_left_out(
    durations: SagaDurations, registry: CollectorRegistry
) -> None:
    durations.watch([fact("StockReserved", 5), fact("CheckoutInitiated", 0, None), fact("Gossip", 3)])

    assert total(registry, "StockReserved") == total(registry, "Gossip") == (None, None)


def test_what_is_remembered_is_bounded(registry: CollectorRegistry) -> None:
    durations = SagaDurations(registry, open_max=2)
    durations.watch([fact("CheckoutInitiated", n, f"c{n}") for n in range(3)])
    durations.watch([fact("CheckoutSucceeded", 10, f"c{n}") for n in range(3)])

    assert total(registry, "CheckoutSucceeded") == (2, 0.017)


def test_what_is_kept_is_measured(durations: SagaDurations, registry: CollectorRegistry) -> None:
    kept = InMemoryAuditLog()
    timed = TimedAuditLog(kept, durations)

    timed.keep([fact("CheckoutInitiated", 0), fact("CheckoutFailed", 2)])

    assert len(kept.entries) == 2
    assert total(registry, "CheckoutFailed") == (1, 0.002)
