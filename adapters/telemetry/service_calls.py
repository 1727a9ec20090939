"""Calls to the existing services, as metrics."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

CIRCUIT_STATES: Final = ("closed", "half-open", "open")
CALL_BUCKETS_S: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


class ServiceFigures:
    """Registers itself; a registry holds it once."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls = Counter(
            "service_calls_total",
            "Calls to existing services by how they ended",
            ("service", "operation", "outcome"),
            registry=registry,
        )
        self._again = Counter(
            "service_calls_repeated_total",
            "Calls made once more",
            ("service", "operation"),
            registry=registry,
        )
        self._took_s = Histogram(
            "service_call_seconds",
            "How long calls took, pauses between attempts included",
            ("service", "operation"),
            buckets=CALL_BUCKETS_S,
            registry=registry,
        )
        self._circuit = Gauge(
            "service_circuit_state",
            "1 for the state that the circuit breaker of a service is in",
            ("service", "state"),
            registry=registry,
        )

    def called(self, service: str, operation: str, outcome: str, took_s: float) -> None:
        """A call is over."""
        self._calls.labels(service, operation, outcome).inc()
        self._took_s.labels(service, operation).observe(took_s)

    def repeated(self, service: str, operation: str) -> None:
        """A call is about to be made once more."""
        self._again.labels(service, operation).inc()

    def circuit(self, service: str, state: str) -> None:
        """The state that a circuit breaker is in now."""
        for known in CIRCUIT_STATES:
            self._circuit.labels(service, known).set(known == state)
