"""Step: tell the client how the checkout ended."""

from collections.abc import Sequence

from application.delivery import Delivery
from application.handler import Failures
from application.ports.inbox import Inbox
from application.ports.notifier import Notification, Notifier
from application.recorded_event import RecordedEvent
from application.saga_step import open_all
from domain.checkout.events import CheckoutFailed, CheckoutSucceeded
from domain.checkout.saga import NOTIFICATION, STEPS


class NotifyClient:
    """A notice cannot be taken back, so what was sent is remembered. Only a crash between the sending
    and the remembering sends again, with the same key."""

    def __init__(self, notifier: Notifier, inbox: Inbox) -> None:
        step = STEPS[NOTIFICATION]
        self._notifier = notifier
        self._inbox = inbox
        self._group = step.group
        self.types: frozenset[str] | None = frozenset(fact.__name__ for fact in step.on)

    def handle(self, deliveries: Sequence[Delivery]) -> Failures:
        failures: Failures = {}
        events = [opened.event for opened in open_all(deliveries, failures)]
        unseen = self._inbox.unseen(self._group, [recorded.position for recorded in events])
        sent = []
        for recorded in events:
            if recorded.position not in unseen:
                continue
            try:
                self._notifier.notify(_notification(recorded))
            except Exception as error:  # noqa: BLE001 - whatever the adapter raises, the others go on
                failures[recorded.position] = error
            else:
                sent.append(recorded.position)
        if sent:
            self._inbox.mark(self._group, sent)
        return failures

    def tick(self) -> None:
        """Time alone tells nobody anything."""

    def give_up(self, delivery: Delivery, reason: str) -> None:
        """Nobody needs to be told beyond the dead letter."""


def _notification(recorded: RecordedEvent) -> Notification:
    event = recorded.event
    assert isinstance(event, CheckoutSucceeded | CheckoutFailed), recorded
    return Notification(
        key=recorded.event_id,
        client_id=event.client_id,
        checkout_id=event.checkout_id,
        succeeded=isinstance(event, CheckoutSucceeded),
        commande_id=event.commande_id if isinstance(event, CheckoutSucceeded) else None,
        reason=event.reason if isinstance(event, CheckoutFailed) else None,
    )
