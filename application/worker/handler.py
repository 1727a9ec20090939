"""What a worker runs: one step on deliveries of its stream."""

from collections.abc import Sequence
from typing import Protocol

from application.ports.delivery import Delivery

Failures = dict[str, Exception]
"""Position -> why that delivery is not done. A `DomainError`, a `MalformedEvent` or a `RefusedForGood` is
final, anything else will be tried again."""


class Handler(Protocol):
    """A step, as the worker sees it."""

    types: frozenset[str] | None
    """The event types it handles; the worker drops others unopened. None: every entry, whatever it is."""

    def handle(self, deliveries: Sequence[Delivery]) -> Failures:
        """Deal with all of them; those not in the answer are done.

        Handling a delivery again must have no further effect. An exception means that none is done.
        """

    def tick(self) -> None:
        """Called often, also when nothing arrives, for what time alone brings about."""

    def give_up(self, delivery: Delivery, reason: str) -> None:
        """Called before a delivery is set aside, for what has to be said about that.

        An exception means that it could not be said: the delivery stays pending.
        """
