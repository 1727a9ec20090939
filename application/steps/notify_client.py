"""Step: tell the client how the checkout ended."""

from collections.abc import Sequence

from application.events.checkout_history import stages
from application.events.event_ids import sign_of
from application.events.recorded_event import RecordedEvent
from application.events.streams import CHECKOUTS
from application.ports.delivery import Delivery
from application.ports.event_store import EventReader
from application.ports.inbox import Inbox
from application.ports.notifier import Notification, Notifier
from application.steps.saga_step import open_all
from application.worker.handler import Failures
from domain.checkout.checkout import CHECKOUT, has_ended, known
from domain.checkout.saga import NOTIFICATION, SAGA, STEPS
from domain.errors import DomainError


class NotifyClient:
    """One notice a checkout, about the fact that ended it: what others add after an end is nobody's news.

    A notice cannot be taken back, so what was sent is remembered. Only a crash between the sending
    and the remembering sends again, with the same key."""

    def __init__(self, store: EventReader, notifier: Notifier, inbox: Inbox) -> None:
        step = STEPS[NOTIFICATION]
        self._store = store
        self._notifier = notifier
        self._inbox = inbox
        self._group = step.group
        self.types: frozenset[str] | None = frozenset(fact.__name__ for fact in step.on)

    def handle(self, deliveries: Sequence[Delivery]) -> Failures:
        failures: Failures = {}
        events = [opened.event for opened in open_all(deliveries, failures)]
        unseen = self._inbox.unseen(self._group, [recorded.position for recorded in events])
        news = self._news([recorded for recorded in events if recorded.position in unseen], failures)
        if not news:
            return failures
        notices = {recorded.position: Notification(recorded) for recorded in news}
        untold = self._notifier.notify(list(notices.values()))
        sent = [position for position, notice in notices.items() if notice.key not in untold]
        if sent:
            self._inbox.mark(self._group, sent)
        told = set(sent)
        return failures | {p: untold[notice.key] for p, notice in notices.items() if p not in told}

    def tick(self) -> None:
        """Time alone tells nobody anything."""

    def give_up(self, delivery: Delivery, reason: str) -> None:
        """Nobody needs to be told beyond the dead letter."""

    def _news(self, events: Sequence[RecordedEvent], failures: Failures) -> list[RecordedEvent]:
        """Those that ended their checkout. Only what does not tell by itself is looked up."""
        doubtful = [recorded for recorded in events if not _is_a_steps(recorded)]
        if not doubtful:
            return list(events)
        news = [recorded for recorded in events if _is_a_steps(recorded)]
        histories = self._store.read(CHECKOUTS, [recorded.entity for recorded in doubtful])
        for recorded, history in zip(doubtful, histories, strict=True):
            try:
                if recorded.position == _end_of(recorded.entity, history):
                    news.append(recorded)
            except DomainError as refusal:
                failures[recorded.position] = refusal
        return news


def _is_a_steps(recorded: RecordedEvent) -> bool:
    """Whether its id tells that a step of ours wrote it, which none does after an end."""
    sign = sign_of(recorded.event_id, recorded.entity)
    return sign is not None and any(
        step.sign == sign and type(recorded.event) in step.answers for step in SAGA
    )


def _end_of(checkout_id: str, history: Sequence[RecordedEvent]) -> str | None:
    """The position of the fact that ended the checkout."""
    checkout = CHECKOUT.initial
    for recorded, checkout in stages(history):
        if has_ended(checkout):
            return recorded.position
    known(checkout_id, checkout)
    return None
