"""A shop whose spans are kept, to be looked at as a tree."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import attrs
from dependency_injector import providers
from flask.testing import FlaskClient
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, Sampler, TraceIdRatioBased

from adapters.inmemory.existing_services import InMemoryExistingInventory
from adapters.traces.context import TraceIds
from adapters.traces.traces import Traces
from application.ports.existing_services import Call
from entrypoints.api import application_of
from entrypoints.container import Container
from entrypoints.settings import Settings
from tests.shop import CLIENT, Shop
from tests.shop_elsewhere import START, ShopElsewhere, elsewhere

GROUP: Final = "messaging.consumer.group.name"
CHECKOUT_ID: Final = "comptoir.checkout_id"
EVERY: Final = ParentBased(TraceIdRatioBased(1.0))
NONE: Final = ParentBased(TraceIdRatioBased(0.0))


@attrs.define
class Kept:
    """Every span that has ended."""

    sampler: Sampler = EVERY
    exporter: InMemorySpanExporter = attrs.Factory(InMemorySpanExporter)

    def wire(self, container: Container) -> None:
        """Have the spans of `container` kept here."""
        provider = TracerProvider(self.sampler, id_generator=TraceIds(), shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        container.traces.override(providers.Object(Traces(provider, flush_ms=0)))

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        """In the order in which they ended."""
        return self.exporter.get_finished_spans()

    def named(self, name: str) -> ReadableSpan:
        """The one of that name, which may hold the group: `process StockReserved in checkout-order`."""
        (found,) = [span for span in self.spans if shown(span) == name or span.name == name]
        return found

    @property
    def traces(self) -> set[int]:
        """The ids of all traces."""
        return {span.context.trace_id for span in self.spans}

    def tree(self) -> str:
        """Each span below its parent; those of one parent by their names."""
        ids = {span.context.span_id for span in self.spans}
        roots = [span for span in self.spans if span.parent is None or span.parent.span_id not in ids]
        return "\n".join(line for root in _sorted(roots) for line in self._branch(root, 0))

    def _branch(self, span: ReadableSpan, depth: int) -> list[str]:
        below = [s for s in self.spans if s.parent and s.parent.span_id == span.context.span_id]
        lines = [line for child in _sorted(below) for line in self._branch(child, depth + 1)]
        return ["  " * depth + shown(span), *lines]


@attrs.define
class TracedShop(Shop):
    """A shop with TRACES=on, and its API."""

    settings: Settings = attrs.Factory(lambda: Settings(traces="on"))
    kept: Kept = attrs.Factory(Kept)

    @cached_property
    def client(self) -> FlaskClient:
        """Made when it is first asked for: many tests never do."""
        return application_of(self.container).test_client()

    def wire(self, container: Container) -> None:
        super().wire(container)
        self.kept.wire(container)

    def post(self, units: int = 1, **headers: str) -> str:
        """POST a checkout of so many pencils; its id."""
        return post(self.client, units, **headers)


def post(client: FlaskClient, units: int = 1, **headers: str) -> str:
    """POST a checkout of so many pencils; its id."""
    cart = {"produits": [{"produit_id": "pencil", "quantite": units, "prix_unitaire": 10}]}
    answered = client.post("/api/checkouts", json={"client_id": CLIENT, "panier": cart}, headers=headers)
    assert answered.status_code == 202, answered.text
    assert answered.json is not None
    return str(answered.json["checkout_id"])


class AttentiveInventory(InMemoryExistingInventory):
    """Remembers of each call which it was said to be."""

    def __init__(self) -> None:
        super().__init__(START)
        self.heard: list[Call] = []

    def take(self, *, produit_id: str, units: int, call: Call) -> None:
        self.heard.append(call)
        super().take(produit_id=produit_id, units=units, call=call)


@attrs.define
class TracedShopElsewhere(ShopElsewhere):
    """The same, with stock and orders kept by existing services."""

    settings: Settings = attrs.Factory(lambda: elsewhere(traces="on"))
    kept: Kept = attrs.Factory(Kept)
    attentive: AttentiveInventory = attrs.Factory(AttentiveInventory)

    def wire(self, container: Container) -> None:
        super().wire(container)
        container.existing_inventory.override(providers.Object(self.attentive))
        self.kept.wire(container)


def shown(span: ReadableSpan) -> str:
    """Its name, and the group where there is one."""
    group = told(span, GROUP)
    return f"{span.name} in {group}" if group else span.name


def told(span: ReadableSpan, attribute: str) -> Any:
    """What the span says of it, if anything."""
    return (span.attributes or {}).get(attribute)


def _sorted(spans: Sequence[ReadableSpan]) -> list[ReadableSpan]:
    return sorted(spans, key=shown)
