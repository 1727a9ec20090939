"""Checkouts whose calls are made at the same time, each checkout's one after another."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from application.calls.call_book import CallBook, Caller
from application.calls.checkout_calls import CheckoutCalls
from application.events.recorded_event import RecordedEvent
from application.ports.errors import PortError
from application.steps.holds import Demand
from application.steps.saga_step import AwaitsOperator
from domain.errors import DomainError

Answer = TypeVar("Answer")
Work = Callable[[CheckoutCalls, Demand], Answer]


class CallsAtOnce:
    """`at_once` checkouts of a batch at a time. A batch begins no further call after `round_s`; what is left
    of it goes on when it is handed out again, so that a slow checkout holds the others up no longer."""

    def __init__(self, book: CallBook, *, at_once: int, round_s: float) -> None:
        self._book = book
        self._round_s = round_s
        self._pool = ThreadPoolExecutor(at_once, "calls") if at_once > 1 else None

    def each(self, demands: Sequence[Demand], work: "Work[Answer]") -> dict[str, Answer | Exception]:
        """Checkout id -> what `work` made of it, or why it could not yet."""
        until_s = self._book.clock.now_s() + self._round_s

        def one(demand: Demand, history: Sequence[RecordedEvent]) -> Answer | Exception:
            try:
                return work(CheckoutCalls(self._book, caller_of(demand), until_s, history), demand)
            except (PortError, AwaitsOperator, DomainError) as why:
                return why

        histories = self._book.read([demand.checkout_id for demand in demands])
        spread = self._pool.map if self._pool and len(demands) > 1 else map
        answers = list(spread(one, demands, histories))
        return {demand.checkout_id: answer for demand, answer in zip(demands, answers, strict=True)}

    def note_late(self) -> None:
        """Note what became of calls and could not be noted before; once in a while, look after the register.

        Raises:
            Unavailable: it still cannot be.
        """
        for caller in list(self._book.callers_unnoted()):
            (history,) = self._book.read([caller.checkout_id])
            CheckoutCalls(self._book, caller, 0.0, history)
        self._book.register.sweep(self._book.clock.now_s())


def caller_of(demand: Demand) -> Caller:
    """On whose behalf the calls for `demand` are made."""
    return Caller(checkout_id=demand.checkout_id, start_id=demand.start_id, origin=demand.origin)
