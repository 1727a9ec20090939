"""Telemetry as log lines."""

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from adapters.telemetry.told_errors import is_foreseen, told, traceback_of
from application.events.origin import NO_ORIGIN, Origin
from application.events.streams import HEARTBEATS, Event
from application.ports.dead_letters import REDRIVER
from application.ports.delivery import Delivery
from application.ports.event_bus import Backlog, DeadLetter, Subscription
from application.ports.event_store import NewEvent, Outcome
from application.ports.telemetry import Telemetry
from domain.calls.events import CallInDoubt, DoubtSettled
from domain.checkout.commands import WAKER
from domain.checkout.events import (
    CheckoutCancelled,
    CheckoutDeadlineExpired,
    CheckoutResolved,
    CompensationFailed,
    CompensationForced,
    DeadlinePostponed,
    StepRetried,
)
from domain.checkout.saga import AUDIT, STEPS

INTERRUPTION_LINES_INTERVAL_S: Final = 1.0
NEWS_AGE_MAX_S: Final = 86_400.0
"""A decision that is older when the audit trail gets to it is history, as when its group begins again."""

_TEXT_CHARS_MAX: Final = 128  # of what another program made up

_DECISIONS: Final = {
    CheckoutDeadlineExpired.__name__: (logging.WARNING, "deadline expired"),
    CompensationFailed.__name__: (logging.ERROR, "checkout needs a person"),
    CheckoutCancelled.__name__: (logging.INFO, "checkout cancelled"),
    StepRetried.__name__: (logging.INFO, "step retried"),
    CompensationForced.__name__: (logging.INFO, "compensation forced"),
    CheckoutResolved.__name__: (logging.INFO, "checkout resolved by hand"),
    DeadlinePostponed.__name__: (logging.INFO, "deadline postponed"),
}
_RETRIED: Final = StepRetried.__name__
_HEARS_ALL: Final = STEPS[AUDIT].group


class LoggingTelemetry(Telemetry):
    """Says what went wrong and what was decided. What went well leaves no line: it is for counting, not for
    reading. Where nobody has configured a log, as on the command line, there is none. `worker`: whose log it
    is, where it is a worker's."""

    def __init__(self, worker: str = "", monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._log = structlog.get_logger()
        self._group = {"group": STEPS[worker].group} if worker in STEPS else {}
        self._monotonic_s = monotonic_s
        self._interruption_told_s: float | None = None
        self._interruptions_untold = 0

    def published(self, stream: str, events: Sequence[Event]) -> None:
        """Nothing to say: what matters of it, whoever wrote it, is said where everything is heard."""

    def noted(self, stream: str, new: NewEvent, position: str) -> None:
        """An error where a call came to be in doubt, a line where a person settled it."""
        match new.event:
            case CallInDoubt() as event:
                level, said, more = logging.ERROR, "call in doubt", dict[str, object]()
            case DoubtSettled(happened=happened) as event:
                level, said, more = logging.INFO, "doubt settled", {"happened": happened}
            case _:
                return
        self._say(
            level,
            said,
            checkout_id=event.checkout_id,
            stream=stream,
            **self._group,
            position=position,
            type=type(event).__name__,
            call=event.call,
            attempt=event.attempt,
            **more,
            **new.origin.log_fields,
        )

    def appended(self, stream: str, outcomes: Sequence[Outcome]) -> None:
        """Nothing to say."""

    def consumed(self, subscription: Subscription, deliveries: Sequence[Delivery]) -> None:
        """What was decided about a checkout, by whomever, is said by the one group that hears everything."""
        if subscription.group != _HEARS_ALL:
            return
        for delivery in deliveries:
            if delivery.type in _DECISIONS and delivery.age_s < NEWS_AGE_MAX_S:
                level, said = _DECISIONS[delivery.type]
                if delivery.type == _RETRIED and _actor(delivery) == WAKER:
                    said = "call answered after all"
                self._say(level, said, **_whereabouts(subscription, delivery))

    def failed(self, subscription: Subscription, delivery: Delivery, error: Exception) -> None:
        """A warning, with the traceback of what nobody foresaw."""
        whereabouts = _whereabouts(subscription, delivery)
        self._say(logging.WARNING, "attempt failed", **whereabouts, **_about_error(error))

    def dead_lettered(self, subscription: Subscription, delivery: Delivery, why: DeadLetter) -> None:
        """An error: somebody has to look at it."""
        error = _about_error(why.error) if why.error else {"error": why.reason}
        self._say(logging.ERROR, "delivery set aside", **_whereabouts(subscription, delivery), **error)

    def taken_over(self, subscription: Subscription, deliveries: Sequence[Delivery], holder: str) -> None:
        """One line, about the oldest, with how many there are; what an operator redrove is no warning."""
        level, said = logging.WARNING, "deliveries taken over"
        if holder == REDRIVER:
            level, said = logging.INFO, "dead letters tried again"
        whereabouts = _whereabouts(subscription, deliveries[0])
        self._say(level, said, **whereabouts, deliveries=len(deliveries), taken_from=holder)

    def group_made(self, subscription: Subscription, after: str) -> None:
        """A warning where it had been there: it had come that far. Who listens to heartbeats is no news."""
        if subscription.stream == HEARTBEATS:
            return
        is_new = after.startswith("0-")
        level, said = (logging.INFO, "group made") if is_new else (logging.WARNING, "group made again")
        self._say(level, said, **_who(subscription), position=after)

    def interrupted(self, subscription: Subscription, error: Exception) -> None:
        """A warning, at most one a second; the next one says how many were left out."""
        now_s = self._monotonic_s()
        told_s = self._interruption_told_s
        if told_s is not None and now_s - told_s < INTERRUPTION_LINES_INTERVAL_S:
            self._interruptions_untold += 1
            return
        untold = self._interruptions_untold
        self._say(
            logging.WARNING, "worker interrupted", **_who(subscription), **_about_error(error), untold=untold
        )
        self._interruption_told_s = now_s
        self._interruptions_untold = 0

    def backlog(self, subscription: Subscription, backlog: Backlog) -> None:
        """Nothing to say."""

    def _say(self, level: int, event: str, **said: object) -> None:
        if structlog.is_configured():
            with contextlib.suppress(OSError, ValueError):  # a log that is full or closed stops no worker
                self._log.log(level, event, **said)


def _actor(delivery: Delivery) -> object:
    payload = delivery.look().payload
    return payload.get("actor") if isinstance(payload, dict) else None


def _about_error(error: Exception) -> dict[str, str]:
    return {"error": told(error)} | ({} if is_foreseen(error) else {"exception": traceback_of(error)})


def _who(subscription: Subscription) -> dict[str, object]:
    return {
        "stream": subscription.stream,
        "group": subscription.group,
        "consumer": subscription.consumer,
    }


def _whereabouts(subscription: Subscription, delivery: Delivery) -> dict[str, object]:
    checkout_id, origin = _about(delivery)
    return {
        "checkout_id": checkout_id,
        **_who(subscription),
        "position": delivery.position,
        "type": delivery.type[:_TEXT_CHARS_MAX],
        "attempt": delivery.attempt,
        **origin.log_fields,
    }


def _about(delivery: Delivery) -> tuple[str | None, Origin]:
    """Looked up, not opened: to open the event of another program may be a round trip to the store."""
    try:
        entry = delivery.look()
    except Exception:  # noqa: BLE001 - what cannot even be looked at has to be logged all the same
        return None, NO_ORIGIN
    checkout_id = (entry.checkout_id or "")[:_TEXT_CHARS_MAX] or None
    return checkout_id, Origin.of(entry.traceparent, entry.correlation_id)
