"""Requests that wait for what is yet to come, out of the way of those that are worked on."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import attrs
from flask import Response, request

from adapters.http.answers import answer
from adapters.http.door.admission import Gate, Place
from adapters.http.limits import HttpLimits
from adapters.http.live.prefer import applied, wait_s
from adapters.http.query import cursor
from adapters.http.requests_counted import ASIDE_S
from application.live.live import Live
from application.questions.replay_checkout import Replay

MIN_POSITION = "min_position"


@attrs.frozen
class Patience:
    """At most as many wait as `waiters` lets in; whoever comes on top is answered at once."""

    live: Live
    waiters: Gate
    limits: HttpLimits

    def end_of(self, checkout_id: str) -> tuple[Replay | None, Mapping[str, str]]:
        """Where the caller would rather wait (`Prefer: wait=5`): the checkout as soon as it has ended, or as
        it stands when the time is up, and the header that says so. Otherwise None, and no header.

        Raises:
            Unavailable: ask again later.
        """
        seconds = wait_s(self.limits.prefer_wait_max_s)
        if seconds is None:
            return None, {}
        with self._aside() as may_wait:
            if not may_wait:
                return None, {}
            return self.live.ends.wait(checkout_id, seconds), applied(seconds)

    def behind(self, given: Mapping[str, str]) -> Response | None:
        """The answer that the read model has not come to `min_position`, in spite of a wait; None where it
        has, or nobody asked.

        Raises:
            InvalidPosition, InvalidValue: there can be no such position.
            Unavailable: ask again later.
        """
        position = cursor(given, MIN_POSITION)
        if position is None or self.live.projection.is_at(position):
            return None
        with self._aside() as may_wait:
            if may_wait and self.live.projection.wait(position, self.limits.read_wait_max_ms / 1000):
                return None
        detail = f"the read model has not come to {MIN_POSITION} yet; nothing older is shown"
        body = {"status": "behind", MIN_POSITION: position, "detail": detail}
        return answer(body, 202, {"Retry-After": str(self.limits.retry_after_s)})

    @contextmanager
    def _aside(self) -> Iterator[bool]:
        """Whether this request may wait now: it has left the work to the others then."""
        if not self.waiters.enter():
            yield False
            return
        since_s = time.perf_counter()
        try:
            place: Place | None = request.environ.get(Place.KEY)
            if place is not None:
                place.leave()
            yield True
        finally:
            request.environ[ASIDE_S] = time.perf_counter() - since_s
            self.waiters.leave()
