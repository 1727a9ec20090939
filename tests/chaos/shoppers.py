"""What the shoppers have been told, and who asks next: an arrival that is due, or one who asks again."""

import heapq
import threading
import time
from collections import Counter
from random import Random
from typing import Final

import attrs

from tests.chaos.carts import Cart, draw_cart

LATER_MAX_S: Final = 2.0


@attrs.define
class Told:
    """What became of the requests, by Idempotency-Key."""

    accepted: dict[str, str] = attrs.Factory(dict)
    """Key -> checkout id."""
    refused: set[str] = attrs.Factory(set)
    left_unanswered: set[str] = attrs.Factory(set)
    """Their shoppers have given up, or the run has."""
    contradictions: list[str] = attrs.Factory(list)
    """Keys of those who asked twice and were told two things."""
    tries_unanswered: Counter[str] = attrs.Factory(Counter)
    answers_s: list[float] = attrs.Factory(list)
    """How long it took to accept what was accepted at the first try."""
    accepted_at_s: list[float] = attrs.Factory(list)
    """When each was accepted for the first time, since the beginning."""

    @property
    def unknown(self) -> set[str]:
        """Keys of checkouts that may or may not exist."""
        return self.left_unanswered - self.accepted.keys()


@attrs.define(order=True)
class Request:
    """A cart, and when it is to be sent."""

    due_s: float
    number: int
    cart: Cart = attrs.field(order=False)
    tries: int = attrs.field(order=False, default=0)


class Queue:
    """Arrivals at a steady rate, whether or not anybody has had an answer; and those who ask again."""

    def __init__(self, *, rate: float, seconds: float, seed: int) -> None:
        self.told: Final = Told()
        self.rate: Final = rate
        self.seconds: Final = seconds
        self.arrivals: Final = round(rate * seconds)
        self.arrived = 0
        self._random: Final = Random(seed)
        self._seed: Final = seed
        self._again: list[Request] = []
        self._in_hand = 0
        self._closed = False
        self.began_s: Final = time.monotonic()
        self.last_arrival_s = self.began_s
        self._turn: Final = threading.Lock()  # one of all threads waits for what is due, not every one
        self._changed: Final = threading.Condition()

    def next(self) -> Request | None:
        """The next request, once it is due; None when there will be no more."""
        with self._turn, self._changed:
            while True:
                due_s = self._due_s()
                if due_s is None and not self._in_hand:
                    return None
                wait_s = None if due_s is None else due_s - time.monotonic()
                if wait_s is not None and wait_s <= 0:
                    self._in_hand += 1
                    return self._take()
                self._changed.wait(wait_s)

    def done(self, request: Request, again_in_s: float | None = None) -> None:
        """`request` was sent; it is to be sent again after a while, or it is dealt with."""
        with self._changed:
            self._in_hand -= 1
            if again_in_s is not None and self._closed:
                self.told.left_unanswered.add(request.cart.key)
            elif again_in_s is not None:
                request.tries += 1
                request.due_s = time.monotonic() + again_in_s
                heapq.heappush(self._again, request)
            self._changed.notify()

    def is_over(self) -> bool:
        """Whether all have come, and all have had an answer or have given up."""
        with self._changed:
            return self._due_s() is None and not self._in_hand

    def give_up(self) -> None:
        """Nobody asks any more, neither again nor for the first time."""
        with self._changed:
            for request in self._again:
                self.told.left_unanswered.add(request.cart.key)
            self._again.clear()
            self._closed = True
            self._changed.notify()

    def _due_s(self) -> float | None:
        more = self.arrived < self.arrivals and not self._closed
        arrival_s = [self.began_s + self.arrived / self.rate] if more else []
        return min([*arrival_s, *(request.due_s for request in self._again[:1])], default=None)

    def _take(self) -> Request:
        if self._again and self._again[0].due_s <= time.monotonic():
            return heapq.heappop(self._again)
        self.arrived += 1
        self.last_arrival_s = time.monotonic()
        key = f"chaos-{self._seed}-{self.arrived}"
        return Request(time.monotonic(), self.arrived, draw_cart(self._random, key))
