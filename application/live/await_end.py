"""Question: how did a checkout end? Waits for it, within bounds. Reads, never writes."""

import time
from collections.abc import Callable
from typing import Final

import attrs

from application.live.tail import Tail
from application.questions.replay_checkout import CheckoutReplayer, Replay
from domain.checkout.events import END_FACTS

END_TYPES: Final = frozenset(fact.__name__ for fact in END_FACTS)
LOOK_AGAIN_S: Final = 1.0
"""Another program's entry may pass by before it is part of the checkout."""


@attrs.frozen
class EndAwaiter:
    tail: Tail
    replayer: CheckoutReplayer
    monotonic_s: Callable[[], float] = time.monotonic

    def wait(self, checkout_id: str, wait_s: float) -> Replay | None:
        """The checkout as soon as it has ended, or as it stands when `wait_s` are over; None where it is
        not known.

        It watches before it looks, so that no end can come in between.

        Raises:
            Unavailable: ask again later.
        """
        until_s = self.monotonic_s() + wait_s
        watcher = self.tail.watch(checkout_id, END_TYPES)
        try:
            while True:
                replay = self.replayer.replay(checkout_id)
                left_s = until_s - self.monotonic_s()
                if replay is None or replay.has_ended or left_s <= 0 or self.tail.closed.is_set():
                    return replay
                watcher.wait(min(left_s, LOOK_AGAIN_S))
        finally:
            watcher.close()
