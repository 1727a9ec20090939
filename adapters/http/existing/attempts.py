"""A call made again where that is safe: after what had no effect, and, where it does no harm, after what may
have had one."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

import attrs
import stamina

from adapters.http.existing.answers import ComeBack, NotReached
from adapters.http.existing.transport import until
from application.ports.existing_services import NotCalled, OutcomeUnknown

stamina.instrumentation.set_on_retry_hooks(())  # we tell it ourselves, with the service's name

Done = TypeVar("Done")


@attrs.frozen(kw_only=True)
class CallLimits:
    """`call_max_ms` is for a whole call, with all its attempts and the pauses between them."""

    connect_timeout_ms: int = 1_000
    read_timeout_ms: int = 3_000
    call_max_ms: int = 7_000
    attempts_max: int = 3
    retry_base_ms: int = 100
    retry_max_ms: int = 2_000
    answer_max_bytes: int = 65_536


@attrs.define(kw_only=True)
class Attempts:
    """The attempts of one call, which began at `began_s` (time.monotonic). `tell` is told before each
    further one: its number, and why."""

    limits: CallLimits
    began_s: float
    repeatable: bool
    tell: Callable[[int, Exception | None], None]
    _doubt: OutcomeUnknown | None = attrs.field(default=None, init=False)
    _last: Exception | None = attrs.field(default=None, init=False)

    def until_over(self, attempt: Callable[[], Done]) -> Done:
        """Make it, and again where that is safe, worth while, and there is time."""
        limits = self.limits
        attempts = stamina.retry_context(
            on=self._again,
            attempts=limits.attempts_max,
            timeout=limits.call_max_ms / 1000,
            wait_initial=limits.retry_base_ms / 1000,
            wait_max=limits.retry_max_ms / 1000,
            wait_jitter=limits.retry_base_ms / 1000,
        )
        try:
            for one in attempts:
                if one.num > 1:
                    self.tell(one.num, self._last)
                with one, until(self._deadline_s):
                    return attempt()
        except NotCalled as error:
            if self._doubt:  # the last attempt had no effect; an earlier one may have had
                heard, bare = (
                    f"{first}; when asked again: {last}"
                    for first, last in ((self._doubt, error), (self._doubt.for_log, error.for_log))
                )
                raise OutcomeUnknown(heard, bare) from error
            raise
        raise AssertionError("an attempt returns or raises")

    @property
    def _deadline_s(self) -> float:
        return self.began_s + self.limits.call_max_ms / 1000

    def _again(self, error: Exception) -> bool | float:
        """Whether to make the call once more; a number says after how many seconds."""
        self._last = error
        match error:
            case OutcomeUnknown():
                self._doubt = error
                return self.repeatable and self._is_time(self.limits.retry_max_ms / 1000)
            case ComeBack(after_s=float(after_s)):
                wait_s = after_s + random.uniform(0, self.limits.retry_base_ms / 1000)  # noqa: S311 - jitter
                return self._is_time(wait_s) and wait_s
            case NotReached() | ComeBack():
                return self._is_time(self.limits.retry_max_ms / 1000)
            case _:
                return False

    def _is_time(self, pause_s: float) -> bool:
        """Whether there is, for the pause and for another attempt."""
        return time.monotonic() + pause_s + self.limits.connect_timeout_ms / 1000 < self._deadline_s
