"""The Prometheus metrics of one process: their names, labels and meaning."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics

from adapters.telemetry.counting import Counting, CountingAlone

LATENCY_BUCKETS_S: Final = (
    *(0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.03, 0.05, 0.075),
    *(0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0),
)

BATCH_BUCKETS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)

# They would be a second series for every counter, that nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no types for it


class Metrics:
    """Registers itself; a registry holds it once, however many workers the process runs."""

    def __init__(self, registry: CollectorRegistry, counting: Counting | None = None) -> None:
        histogram = (counting or CountingAlone()).histogram

        def counter(name: str, documentation: str, *labels: str) -> Counter:
            return Counter(name, documentation, labels, registry=registry)

        self.published = counter("events_published_total", "Events appended or adopted", "topic", "type")
        self.consumed = counter(
            "events_consumed_total", "Deliveries handled without a failure", "topic", "type", "consumer"
        )
        self.failures = counter("event_failures_total", "Attempts that failed", "topic", "type", "consumer")
        self.dead_letters = counter("dead_letters_total", "Deliveries set aside", "topic", "consumer")
        self.takeovers = counter(
            "deliveries_taken_over_total", "Deliveries that a consumer left unfinished", "topic", "consumer"
        )
        self.interruptions = counter(
            "worker_interruptions_total", "Rounds cut short because the bus or a store was out of reach"
        )
        self.saga_started = counter("saga_choreo_started_total", "Checkouts started")
        self.saga_succeeded = counter("saga_choreo_success_total", "Checkouts that ended with an order")
        self.saga_failed = counter("saga_choreo_failed_total", "Checkouts that ended without one", "source")
        self.compensation_failed = counter(
            "saga_compensation_failed_total", "Checkouts whose stock could not be given back"
        )
        self.appends = counter(
            "event_appends_total",
            "Transactions by what the store made of them",
            "topic",
            "outcome",
        )
        self.batches = histogram(
            "event_append_batch_transactions", "Transactions in one append", ("topic",), BATCH_BUCKETS
        )
        registry.register(self.batches)
        self.stream_events = Gauge("stream_events", "Entries of the stream", ("topic",), registry=registry)
        self.groups = GroupGauges(registry)
        self.latency = histogram(
            "event_latency_seconds",
            "From the record of an event, by the store's clock, to its delivery",
            ("topic", "type"),
            LATENCY_BUCKETS_S,
        )
        registry.register(self.latency)


class GroupGauges:
    """What each group has before it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, documentation: str) -> Gauge:
            return Gauge(name, documentation, ("topic", "group"), registry=registry)

        self.lag_events = gauge("group_lag_events", "Events never handed out yet")
        self.lag_s = gauge("group_lag_seconds", "Age of the oldest event never handed out yet")
        self.pending = gauge("group_pending", "Deliveries handed out and not acknowledged")
        self.oldest_pending_s = gauge("group_oldest_pending_seconds", "Age of the oldest of those")
        self.oldest_pending_attempts = gauge(
            "group_oldest_pending_attempts", "How often the oldest of those was handed out"
        )
        self.dead_letters = gauge("group_dead_letters", "Dead letters that wait for an operator")
        self.heartbeat_s = gauge(
            "heartbeat_heard_timestamp_seconds",
            "When the newest beat that the group has heard was recorded, epoch seconds by the store's clock",
        )
        self.heartbeat_delay_s = gauge("heartbeat_delay_seconds", "How old that beat was when it arrived")
        self.last_poll_s = gauge(
            "worker_last_poll_timestamp_seconds", "When the bus last answered this worker, epoch seconds"
        )
