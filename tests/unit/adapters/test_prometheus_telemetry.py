"""What Prometheus gets to see of the workers and of the store."""

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from adapters.inmemory.clock import FakeClock
from adapters.inmemory.event_store import InMemoryEventStore
from adapters.inmemory.log import InMemoryLog
from adapters.inmemory.telemetry import RecordingTelemetry
from adapters.telemetry.metered_store import MeteredEventStore
from adapters.telemetry.metrics import Metrics
from adapters.telemetry.prometheus import OTHER, SOURCES, PrometheusTelemetry
from adapters.telemetry.several import SeveralTelemetries
from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.dead_letters import REDRIVER
from application.ports.delivery import Delivery
from application.ports.errors import Unavailable
from application.ports.event_bus import Backlog, DeadLetter, Subscription
from application.ports.event_store import Appended, Conflict, Duplicate, NewEvent, Transaction, Write
from domain.cart import Cart, Line
from domain.checkout.events import (
    CheckoutDeadlineExpired,
    CheckoutFailed,
    CheckoutInitiated,
    CheckoutSucceeded,
)
from domain.inventory.events import UnitsHeld, UnitsReceived
from tests.contracts.audit_log import entry
from tests.sealed import SealedDelivery

AUDIT = Subscription(stream=CHECKOUTS, group="checkout-audit", consumer="host-audit")
INITIATED = CheckoutInitiated(
    checkout_id="c1", client_id="client-1", cart=Cart.of([Line(produit_id="p1", units=1)])
)
EXPIRED = CheckoutDeadlineExpired(checkout_id="c1", client_id="client-1")
SUCCEEDED = CheckoutSucceeded(checkout_id="c1", client_id="client-1", commande_id="o1")
UNKNOWN_ERROR = DeadLetter(reason="no", attempts=5, first_error="no", last_error="no")


def failed(source: str | None) -> CheckoutFailed:
    return CheckoutFailed(checkout_id="c1", client_id="client-1", reason="no", source=source)


def delivery(type: str = "StockReserved", *, age_s: float = 0.004) -> Delivery:
    return SealedDelivery("1-0", 1, type, age_s, lambda: entry("1-0"))


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> Metrics:
    return Metrics(registry)


@pytest.fixture
def telemetry(metrics: Metrics) -> PrometheusTelemetry:
    return PrometheusTelemetry(metrics, consumer="audit")


class Page:
    """What the registry shows."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def __call__(self, name: str, **labels: str) -> float | None:
        return self._registry.get_sample_value(name, labels)

    def labels(self, label: str) -> set[str]:
        """Every value that `label` has anywhere."""
        samples = (sample for family in self._registry.collect() for sample in family.samples)
        return {sample.labels[label] for sample in samples if label in sample.labels}


@pytest.fixture
def page(registry: CollectorRegistry) -> Page:
    return Page(registry)


def test_events_handled_are_counted_by_topic_type_and_worker(
    telemetry: PrometheusTelemetry, page: Page
) -> None:
    telemetry.consumed(AUDIT, [delivery(), delivery(), delivery("OrderCreated")])
    telemetry.consumed(AUDIT, [delivery()])

    counted = {
        type: page("events_consumed_total", topic=CHECKOUTS, type=type, consumer="audit")
        for type in ("StockReserved", "OrderCreated")
    }
    assert counted == {"StockReserved": 3, "OrderCreated": 1}


def test_two_workers_of_one_process_are_told_apart(metrics: Metrics, page: Page) -> None:
    for worker in ("audit", "notification"):
        PrometheusTelemetry(metrics, consumer=worker).consumed(AUDIT, [delivery()])

    assert page.labels("consumer") == {"audit", "notification"}


def test_types_that_other_programs_make_up_share_one_label(
    telemetry: PrometheusTelemetry, page: Page
) -> None:
    made_up = [delivery(f"Type{number}") for number in range(100)]
    telemetry.consumed(AUDIT, [*made_up, delivery(""), delivery("UnitsHeld")])
    telemetry.failed(AUDIT, delivery("Type1000"), ValueError())

    assert page.labels("type") == {"other", "UnitsHeld"}
    assert page("events_consumed_total", topic=CHECKOUTS, type="other", consumer="audit") == 101


def test_a_latency_counts_in_each_bucket_that_reaches_it(telemetry: PrometheusTelemetry, page: Page) -> None:
    telemetry.consumed(AUDIT, [delivery(age_s=age_s) for age_s in (0.0005, 0.001, 0.004, 12.0, 3_600.0)])

    counted = {
        le: page("event_latency_seconds_bucket", topic=CHECKOUTS, type="StockReserved", le=le)
        for le in ("0.001", "0.003", "0.005", "10.0", "20.0", "60.0", "+Inf")
    }
    assert counted == {"0.001": 2, "0.003": 2, "0.005": 3, "10.0": 3, "20.0": 4, "60.0": 4, "+Inf": 5}
    assert page("event_latency_seconds_count", topic=CHECKOUTS, type="StockReserved") == 5
    assert page("event_latency_seconds_sum", topic=CHECKOUTS, type="StockReserved") == pytest.approx(
        3612.0055
    )


@pytest.mark.parametrize("age_s", [-5.0, 0.0, float("nan")])
def test_an_age_that_clocks_cannot_agree_on_counts_as_none(
    telemetry: PrometheusTelemetry, page: Page, age_s: float
) -> None:
    telemetry.consumed(AUDIT, [delivery(age_s=age_s)])

    assert page("event_latency_seconds_bucket", topic=CHECKOUTS, type="StockReserved", le="0.001") == 1
    assert page("event_latency_seconds_sum", topic=CHECKOUTS, type="StockReserved") == 0


def test_published_events_are_counted_by_topic_and_type(telemetry: PrometheusTelemetry, page: Page) -> None:
    telemetry.published(INVENTORY, [UnitsHeld(produit_id="p1", checkout_id="c1", units=1)] * 3)

    assert page("events_published_total", topic=INVENTORY, type="UnitsHeld") == 3


def test_sagas_are_counted_as_they_start_and_end(telemetry: PrometheusTelemetry, page: Page) -> None:
    telemetry.published(CHECKOUTS, [INITIATED, INITIATED, EXPIRED, failed("deadline"), SUCCEEDED])

    assert page("saga_choreo_started_total") == 2
    assert page("saga_choreo_success_total") == 1
    assert page("saga_choreo_failed_total", source="deadline") == 1


def test_failed_sagas_are_counted_by_the_worker_that_failed(
    telemetry: PrometheusTelemetry, page: Page
) -> None:
    telemetry.published(CHECKOUTS, [failed("stock-reservation"), failed("somebody"), failed(None)])

    assert page("saga_choreo_failed_total", source="stock-reservation") == 1
    assert page("saga_choreo_failed_total", source="other") == 2
    assert page.labels("source") == SOURCES | {OTHER}


def test_a_source_is_shown_before_its_first_failure_so_that_this_is_an_increase(
    telemetry: PrometheusTelemetry, page: Page
) -> None:
    assert page("saga_choreo_failed_total", source="deadline") == 0


def test_the_last_attempt_is_a_failure_and_a_dead_letter(telemetry: PrometheusTelemetry, page: Page) -> None:
    telemetry.failed(AUDIT, delivery(), ValueError())
    telemetry.dead_lettered(AUDIT, delivery(), UNKNOWN_ERROR)

    assert page("event_failures_total", topic=CHECKOUTS, type="StockReserved", consumer="audit") == 2
    assert page("dead_letters_total", topic=CHECKOUTS, consumer="audit") == 1
    assert page("events_consumed_total", topic=CHECKOUTS, type="StockReserved", consumer="audit") is None


def test_interruptions_are_counted(telemetry: PrometheusTelemetry, page: Page) -> None:
    telemetry.interrupted(AUDIT, Unavailable("away"))

    assert page("worker_interruptions_total") == 1


def test_what_was_left_unfinished_is_counted_and_what_was_redriven_is_not(
    telemetry: PrometheusTelemetry, page: Page
) -> None:
    telemetry.taken_over(AUDIT, [delivery(), delivery()], "host-gone")
    telemetry.taken_over(AUDIT, [delivery()], REDRIVER)

    assert page("deliveries_taken_over_total", topic=CHECKOUTS, consumer="audit") == 2


def test_what_a_group_has_before_it_is_what_was_said_last(telemetry: PrometheusTelemetry, page: Page) -> None:
    for lag_events in (9, 4):
        backlog = Backlog(
            lag_events=lag_events,
            lag_s=1.5,
            pending=3,
            oldest_pending_s=0.5,
            oldest_pending_attempts=7,
            dead_letters=2,
            stream_events=99,
        )
        telemetry.backlog(AUDIT, backlog)

    names = (
        *("lag_events", "lag_seconds", "pending", "oldest_pending_seconds"),
        *("oldest_pending_attempts", "dead_letters"),
    )
    shown = [page(f"group_{name}", topic=CHECKOUTS, group="checkout-audit") for name in names]
    assert shown == [4, 1.5, 3, 0.5, 7, 2]
    assert page("stream_events", topic=CHECKOUTS) == 99


def test_appends_are_counted_by_what_became_of_them_and_how_many_came_together(
    telemetry: PrometheusTelemetry, page: Page
) -> None:
    telemetry.appended(CHECKOUTS, [Appended(("1-0",)), Appended(("1-1",)), Conflict("c1", 2)])
    telemetry.appended(CHECKOUTS, [Duplicate(("1-0",))])

    outcomes = ("appended", "conflict", "duplicate")
    shown = [page("event_appends_total", topic=CHECKOUTS, outcome=outcome) for outcome in outcomes]
    assert shown == [2, 1, 1]
    name = "event_append_batch_transactions"
    assert (page(f"{name}_count", topic=CHECKOUTS), page(f"{name}_sum", topic=CHECKOUTS)) == (2, 4)
    assert page(f"{name}_bucket", topic=CHECKOUTS, le="1.0") == 1


def test_no_label_ever_holds_an_id(telemetry: PrometheusTelemetry, registry: CollectorRegistry) -> None:
    telemetry.published(CHECKOUTS, [INITIATED, SUCCEEDED])
    telemetry.consumed(AUDIT, [delivery()])

    shown = generate_latest(registry).decode()
    assert 'topic="ecommerce.checkout.events"' in shown
    assert not any(f'"{id_}"' in shown for id_ in ("c1", "client-1", "o1", "p1", "host-audit", "1-0"))


def test_a_registry_holds_the_metrics_once(metrics: Metrics, registry: CollectorRegistry) -> None:
    with pytest.raises(ValueError, match="Duplicated"):
        Metrics(registry)


def test_several_are_all_told_everything() -> None:
    told = (RecordingTelemetry(), RecordingTelemetry())
    several = SeveralTelemetries(*told)
    several.published(CHECKOUTS, [INITIATED])
    several.consumed(AUDIT, [delivery()])
    several.failed(AUDIT, delivery(), ValueError())
    several.dead_lettered(AUDIT, delivery(), UNKNOWN_ERROR)
    several.interrupted(AUDIT, Unavailable("away"))
    several.backlog(AUDIT, Backlog())
    several.appended(CHECKOUTS, [Conflict("c1", 2)])

    for one in told:
        assert (dict(one.published_types), dict(one.consumed_types)) == (
            {"CheckoutInitiated": 1},
            {"StockReserved": 1},
        )
        assert [len(kept) for kept in (one.failures, one.dead_letters, one.interruptions)] == [1, 1, 1]
        assert set(one.backlogs) == {"checkout-audit"}
        assert dict(one.outcome_types) == {"Conflict": 1}


def receipt(event_id: str, *, at_version: int) -> Transaction:
    received = NewEvent(event=UnitsReceived(produit_id="p1", units=1), event_id=event_id)
    return (Write(entity="p1", expected_version=at_version, events=(received,)),)


def test_only_what_was_written_is_reported_as_published() -> None:
    told = RecordingTelemetry()
    store = MeteredEventStore(InMemoryEventStore(InMemoryLog(FakeClock())), told)

    first = store.append(INVENTORY, [receipt("r1", at_version=0)])
    again = store.append(
        INVENTORY, [receipt("r1", at_version=0), receipt("r2", at_version=7), receipt("r3", at_version=1)]
    )

    assert [type(outcome) for outcome in first + again] == [Appended, Duplicate, Conflict, Appended]
    assert dict(told.published_types) == {"UnitsReceived": 2}


def test_a_metered_store_answers_as_the_store_does() -> None:
    store = InMemoryEventStore(InMemoryLog(FakeClock()))
    metered = MeteredEventStore(store, RecordingTelemetry())
    metered.append(INVENTORY, [receipt("r1", at_version=0)])

    assert metered.read(INVENTORY, ["p1"]) == store.read(INVENTORY, ["p1"]) != [[]]
    assert metered.find(INVENTORY, [("p1", "r1")]) == store.find(INVENTORY, [("p1", "r1")])
    assert metered.snapshots(INVENTORY, ["p1"]) == store.snapshots(INVENTORY, ["p1"])
    assert metered.known_entities(INVENTORY, count=9) == store.known_entities(INVENTORY, count=9)
    assert metered.page(INVENTORY, count=9) == store.page(INVENTORY, count=9)
