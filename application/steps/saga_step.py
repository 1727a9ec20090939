"""The way all steps of the saga work: read the checkouts, decide, append against the version read."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence

import attrs

from application.events.checkout_history import checkout_after
from application.events.event_ids import answer_to
from application.events.recorded_event import RecordedEvent
from application.events.streams import CHECKOUTS
from application.ports.delivery import Delivery
from application.ports.errors import PortError, Unavailable
from application.ports.event_store import Appended, EventStore, NewEvent, Transaction, Write
from application.worker.handler import Failures
from domain.checkout.checkout import CHECKOUT, known
from domain.checkout.commands import CheckoutCommand
from domain.checkout.events import CheckoutEvent, CheckoutInitiated, StockReserved
from domain.checkout.saga import Step
from domain.checkout.states import Checkout, Initiated
from domain.errors import DomainError

ROUNDS_MAX = 8  # of reading and deciding again when others write to the same entities
FRESH_S = 300.0  # a start older than this, or handed out before, may well have been answered


@attrs.frozen(kw_only=True)
class Case:
    """A checkout as a step found it, and the delivery that woke the step."""

    cause: RecordedEvent
    checkout: Checkout
    version: int
    start_id: str
    """The id of the checkout's first event, from which its effects elsewhere take their ids."""


@attrs.frozen
class AwaitsOperator(Exception):
    """Trying again cannot help, and might do harm: a person must look, and will wake the step. `reason` says
    at what."""

    reason: str


class SagaStep(ABC):
    """Answers a batch of facts with more facts: one read, one append, however many checkouts."""

    def __init__(self, store: EventStore, step: Step) -> None:
        self._store = store
        self._step = step
        self.types: frozenset[str] | None = frozenset(fact.__name__ for fact in step.on)

    @abstractmethod
    def commands(self, cases: Sequence[Case]) -> Mapping[str, CheckoutCommand | Exception]:
        """Do elsewhere what the cases call for, and say what to tell each checkout (by its id), or why that
        is not known: what `AwaitsOperator` is done with for now, anything else is tried again.

        Is called again for a case whose checkout has moved on: then whatever was done for it before
        and is no longer wanted must be undone.
        """

    def tick(self) -> None:  # noqa: B027 - a step may leave this as it is
        """Time alone brings nothing about here."""

    def give_up(self, delivery: Delivery, reason: str) -> None:  # noqa: B027 - a step may leave this as it is
        """The dead letter says it all; the deadline will end the checkout."""

    def handle(self, deliveries: Sequence[Delivery]) -> Failures:
        failures: Failures = {}
        waiting = open_all(deliveries, failures)
        while waiting:  # a second delivery about the same checkout must see what the first one did
            batch: dict[str, Opened] = {}
            later: list[Opened] = []
            for opened in waiting:
                if opened.event.entity in batch:
                    later.append(opened)
                else:
                    batch[opened.event.entity] = opened
            told = {id_: case for id_, opened in batch.items() if (case := case_told_by(opened))}
            untold = [opened.event for id_, opened in batch.items() if id_ not in told]
            self.answer([*told.values(), *load_cases(self._store, untold, failures)], failures)
            waiting = later
        return failures

    def answer(self, cases: list[Case], failures: Failures) -> None:
        """Append what each case calls for, deciding again where its checkout has moved on."""
        for _ in range(ROUNDS_MAX):
            if not cases:
                return
            moved = self._append(cases, self.commands(cases), failures)
            cases = load_cases(self._store, [case.cause for case in moved], failures)
        for case in cases:
            failures[case.cause.position] = Unavailable("others kept writing to the same checkout")

    def _append(
        self, cases: list[Case], commands: Mapping[str, CheckoutCommand | Exception], failures: Failures
    ) -> list[Case]:
        """Append the answers; the cases that were answered by somebody else in the meantime.

        A duplicate is such a case too: the answer that stands may not be the one decided here, and what
        was done for the latter must be undone.
        """
        answered: list[Case] = []
        transactions: list[Transaction] = []
        for case in cases:
            command = commands[case.cause.entity]
            if isinstance(command, Exception):
                if not isinstance(command, AwaitsOperator):
                    failures[case.cause.position] = command
                continue
            events = CHECKOUT.decide(command, case.checkout)
            if events:
                answered.append(case)
                transactions.append((self._write(case, events),))
        if not transactions:
            return []
        outcomes = self._store.append(CHECKOUTS, transactions)
        return [
            case
            for case, outcome in zip(answered, outcomes, strict=True)
            if not isinstance(outcome, Appended)
        ]

    def _write(self, case: Case, events: Iterable[CheckoutEvent]) -> Write:
        cause = case.cause
        answers = tuple(
            NewEvent(
                event=event,
                event_id=answer_to(cause.entity, cause.version, self._step.sign, ordinal),
                causation_id=cause.event_id,
                origin=cause.origin,
            )
            for ordinal, event in enumerate(events)
        )
        return Write(entity=cause.entity, expected_version=case.version, events=answers)


@attrs.frozen
class Opened:
    """A delivery and the event inside."""

    delivery: Delivery
    event: RecordedEvent


def case_told_by(opened: Opened) -> Case | None:
    """The case as far as its delivery alone tells it, which saves reading the checkout's history.

    A start is all of its history, and so is a StockReserved that our own worker wrote right after it.
    Should there be more by now, the append will tell. None: read the history.
    """
    recorded = opened.event
    if opened.delivery.attempt > 1 or opened.delivery.age_s > FRESH_S:
        return None
    match recorded.event, recorded.version:
        case CheckoutInitiated() as start, 1:
            checkout = CHECKOUT.evolve(CHECKOUT.initial, start)
            return Case(cause=recorded, checkout=checkout, version=1, start_id=recorded.event_id)
        case StockReserved(checkout_id=checkout_id, client_id=client_id, cart=cart), 2:
            if recorded.causation_id is None:  # another program's word is checked against the history
                return None
            before = Initiated(checkout_id=checkout_id, client_id=client_id, cart=cart)
            checkout = CHECKOUT.evolve(before, recorded.event)
            return Case(cause=recorded, checkout=checkout, version=2, start_id=recorded.causation_id)
        case _:
            return None


def load_cases(store: EventStore, causes: Sequence[RecordedEvent], failures: Failures) -> list[Case]:
    """Read and fold the checkouts that `causes` are about."""
    if not causes:
        return []
    cases = []
    for cause, history in zip(causes, store.read(CHECKOUTS, [c.entity for c in causes]), strict=True):
        try:
            checkout = known(cause.entity, checkout_after(history))
        except DomainError as refusal:
            failures[cause.position] = refusal
        else:
            cases.append(
                Case(cause=cause, checkout=checkout, version=len(history), start_id=history[0].event_id)
            )
    return cases


def open_all(deliveries: Sequence[Delivery], failures: Failures) -> list[Opened]:
    """The events inside, except those that cannot be opened, which go to `failures`."""
    opened = []
    for delivery in deliveries:
        try:
            opened.append(Opened(delivery, delivery.open()))
        except PortError as error:
            failures[delivery.position] = error
    return opened
