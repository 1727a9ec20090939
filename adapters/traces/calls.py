"""A span for each call of an existing service, attempts included, below that of the step that makes it."""

from collections.abc import Iterator
from contextlib import contextmanager

import attrs
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer

from adapters.traces.context import context_of, traceparent_of
from application.ports.errors import PortError
from application.ports.existing_services import Call, ExistingInventory, ExistingOrders


class TracedInventory(ExistingInventory):
    """`inventory`, which is told of the span of each call."""

    def __init__(self, inventory: ExistingInventory, tracer: Tracer) -> None:
        self._inventory = inventory
        self._tracer = tracer
        self.repeatable = inventory.repeatable
        self.longest_s = inventory.longest_s

    def ready(self) -> None:
        self._inventory.ready()

    def take(self, *, produit_id: str, units: int, call: Call) -> None:
        with _calling(self._tracer, "inventory", "take", call) as named:
            self._inventory.take(produit_id=produit_id, units=units, call=named)

    def give_back(self, *, produit_id: str, units: int, call: Call) -> None:
        with _calling(self._tracer, "inventory", "give back", call) as named:
            self._inventory.give_back(produit_id=produit_id, units=units, call=named)


class TracedOrders(ExistingOrders):
    """`orders`, which are told of the span of each call."""

    def __init__(self, orders: ExistingOrders, tracer: Tracer) -> None:
        self._orders = orders
        self._tracer = tracer
        self.repeatable = orders.repeatable
        self.longest_s = orders.longest_s

    def ready(self) -> None:
        self._orders.ready()

    def enter(self, *, client_id: str, produit_id: str, units: int, call: Call) -> str:
        with _calling(self._tracer, "orders", "enter", call) as named:
            return self._orders.enter(client_id=client_id, produit_id=produit_id, units=units, call=named)

    def cancel(self, *, vente_id: str, reason: str, call: Call) -> None:
        with _calling(self._tracer, "orders", "cancel", call) as named:
            self._orders.cancel(vente_id=vente_id, reason=reason, call=named)


@contextmanager
def _calling(tracer: Tracer, service: str, operation: str, call: Call) -> Iterator[Call]:
    if call.traceparent is None:  # whoever calls has no span: sampled out
        yield call
        return
    span = tracer.start_span(f"{service} {operation}", context_of(call.traceparent), SpanKind.CLIENT)
    span.set_attribute("peer.service", service)
    span.set_attribute("comptoir.call.key", call.key)
    try:
        yield attrs.evolve(call, traceparent=traceparent_of(span)) if span.is_recording() else call
    except PortError as error:
        span.set_attribute("error.type", type(error).__qualname__)
        span.set_status(Status(StatusCode.ERROR))
        raise
    finally:
        span.end()
