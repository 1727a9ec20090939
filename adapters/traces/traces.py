"""The spans of one process: put around its steps, its requests and its calls."""

import attrs
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Tracer

from adapters.traces.calls import TracedInventory, TracedOrders
from adapters.traces.deliveries import TracedSteps
from adapters.traces.provider import shut_down, tracer_of
from application.ports.event_bus import Subscription
from application.ports.existing_services import ExistingInventory, ExistingOrders
from application.worker.handler import Handler


@attrs.frozen
class Traces:
    """Spans go to `provider`; `flush_ms` is how long the last ones are waited for."""

    provider: TracerProvider
    flush_ms: int

    @property
    def tracer(self) -> Tracer:
        """Where all spans begin."""
        return tracer_of(self.provider)

    def steps(self, handler: Handler, subscription: Subscription) -> Handler:
        """`handler`, with a span for each delivery."""
        return TracedSteps(handler, self.tracer, subscription)

    def inventory(self, inventory: ExistingInventory) -> ExistingInventory:
        """`inventory`, with a span for each call."""
        return TracedInventory(inventory, self.tracer)

    def orders(self, orders: ExistingOrders) -> ExistingOrders:
        """`orders`, with a span for each call."""
        return TracedOrders(orders, self.tracer)

    def close(self) -> None:
        """Send what is left; what is not sent in time is lost."""
        shut_down(self.provider, within_s=self.flush_ms / 1000)
