"""What a step has made of an event that woke it, as far as it is not done with it."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

import attrs

from application.events.recorded_event import RecordedEvent
from application.ports.dead_letters import Decision, KeptDelivery
from application.ports.event_bus import FailedAttempt, PendingDelivery
from domain.checkout.saga import Step

TroubleState = Literal["tried again", "open", "redriven", "discarded"]

LOOK_AT_WORKERS: Final = "see whether the worker runs and keeps up: comptoir workers"


@attrs.frozen(kw_only=True)
class Trouble:
    """A step that did not manage with one of the checkout's events: it tries again, or made a dead letter of
    it, about which was decided what `state` says.

    `failed_at_s`: the last failure, epoch seconds; `error`: what that was. None where nobody remembers.
    """

    worker: str
    type: str
    position: str
    state: TroubleState
    attempts: int
    failed_at_s: float | None
    error: str | None
    dead_letter: str | None = None
    decision: Decision | None = None


@attrs.frozen(kw_only=True)
class Woken:
    """A step and what woke it: the delivery while it is `held`, failed attempts at it, newest first, and its
    dead letters, oldest first."""

    step: Step
    event: RecordedEvent
    held: PendingDelivery | None
    failed: Sequence[FailedAttempt]
    letters: Sequence[KeptDelivery]

    def troubles(self) -> Iterator[Trouble]:
        """All that is known to have gone wrong; while it is still held, also that it is tried again."""
        for kept in self.letters:
            yield self._trouble(
                state=kept.state,
                attempts=kept.attempts,
                failed_at_s=kept.set_aside_at_s,
                error=kept.last_error,
                dead_letter=kept.id,
                decision=kept.decision,
            )
        last = self._last_failure()
        if self.held and (last or self.held.attempt > 1):
            yield self._trouble(
                state="tried again",
                attempts=max(self.held.attempt, last.attempt if last else 0),
                failed_at_s=last.at_s if last else None,
                error=last.error if last else None,
            )

    def _last_failure(self) -> FailedAttempt | None:
        """Since it was last set aside, if ever: what came before that is told by the dead letter."""
        since_s = self.letters[-1].set_aside_at_s if self.letters else 0.0
        return next((failure for failure in self.failed if failure.at_s > since_s), None)

    def _trouble(self, **told: Any) -> Trouble:
        event = self.event
        return Trouble(worker=self.step.worker, type=event.type, position=event.position, **told)

    def why_not_done(self) -> tuple[str, str] | None:
        """Why the step has not answered, and what a person can do; None where that is not to be seen here."""
        for kept in reversed(self.letters):
            if kept.state == "open":
                said = f"{kept.type} was set aside after {kept.attempts} attempts: {kept.reason}"
                return said, f"mend the cause, then: comptoir dead-letters redrive {kept.id} --reason WHY"
        if self.held is None:
            return None
        if last := self._last_failure():
            tried = "it is tried again until its last attempt, and is then a dead letter"
            return f"attempt {last.attempt} at {self.event.type} failed: {last.error}", f"wait: {tried}"
        if self.held.attempt == 0:
            return f"{self.event.type} was handed out again and not taken yet", LOOK_AT_WORKERS
        had = f"{self.held.consumer} has {self.event.type} in hand, attempt {self.held.attempt}"
        for_s = self.held.idle_ms / 1000
        return f"{had}, for {for_s:.1f} s", "wait: should that one have died, another takes it over"
