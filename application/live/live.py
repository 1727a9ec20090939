"""All that waits for what is yet to come, and the tails that it shares."""

import threading
from collections.abc import Callable, Mapping
from typing import Final

import attrs

from application.events.streams import CHECKOUTS, STREAMS
from application.live.await_end import EndAwaiter
from application.live.await_projection import ProjectionAwaiter
from application.live.follow_checkout import CheckoutFollower
from application.live.follow_stream import Pace, Paces, StreamFollower
from application.live.tail import Tail, TailLimits
from application.ports.errors import Unavailable
from application.ports.event_feed import EventFeed
from application.ports.group_progress import GroupProgress
from application.questions.replay_checkout import CheckoutReplayer


@attrs.frozen(kw_only=True)
class LiveLimits:
    """`handing_out_per_s`: how often a second the followers of streams are handed entries, all together.
    `reading_again_per_s`: earlier entries a second that they read again from the store, all together."""

    tail: TailLimits = attrs.Factory(TailLimits)
    handing_out_per_s: int = 500
    reading_again_per_s: int = 10_000


class Live:
    """One tail a stream, made with nobody watching: it costs nothing until somebody does."""

    def __init__(
        self,
        feed: EventFeed,
        progress: GroupProgress,
        replayer: CheckoutReplayer,
        limits: LiveLimits,
        on_trouble: Callable[[Unavailable], None],
    ) -> None:
        self._closed: Final = threading.Event()
        self._replayer: Final = replayer
        self._paces: Final = Paces(Pace(limits.handing_out_per_s), Pace(limits.reading_again_per_s))
        self.tails: Final[Mapping[str, Tail]] = {
            stream: Tail(feed, stream, limits.tail, self._closed, on_trouble) for stream in STREAMS
        }
        self.ends: Final = EndAwaiter(self.tails[CHECKOUTS], replayer)
        self.projection: Final = ProjectionAwaiter(progress, feed, self._closed)

    def follow_checkout(self, checkout_id: str, *, after: str | None = None) -> CheckoutFollower:
        """A follower of this checkout, to be closed.

        Raises:
            InvalidPosition: `after` is none.
            Unavailable: ask again later.
        """
        return CheckoutFollower(self.tails[CHECKOUTS], self._replayer, checkout_id, after=after)

    def follow_stream(
        self,
        stream: str,
        *,
        after: str | None = None,
        type: str | None = None,
        checkout_id: str | None = None,
    ) -> StreamFollower | None:
        """A follower of a stream, to be closed; from now on unless `after` says from where, of one type or
        one checkout where that is given. None where `stream` is none of ours.

        Raises:
            InvalidPosition: `after` is none.
            Unavailable: ask again later.
        """
        tail = self.tails.get(stream)
        if tail is None:
            return None
        return StreamFollower(tail, self._paces, after=after, type=type, checkout_id=checkout_id)

    def close(self) -> None:
        """End all that is followed and waited for, for good."""
        self._closed.set()
        for tail in self.tails.values():
            tail.wake_all()
