"""Appends of many callers at once, sent to the store together (docs/adr/0016)."""

from collections.abc import Sequence
from threading import Lock
from typing import Final

import attrs

from adapters.forwarding_reader import ForwardingReader
from application.ports.errors import Unavailable
from application.ports.event_store import EventStore, Outcome, Transaction


@attrs.define(eq=False)
class _Ask:
    """What one caller wants appended. `unready` is held until there is an answer, or it has to lead."""

    transactions: Sequence[Transaction]
    leads: bool = False
    outcomes: list[Outcome] | None = None
    error: Exception = attrs.field(factory=lambda: Unavailable("who should have sent it was cut short"))
    unready: Lock = attrs.field(factory=Lock)


class GroupCommit(ForwardingReader, EventStore):
    """Appends to one stream of `store`. While one append is under way, those that come wait, and then go
    together: the first of them sends them all. Alone, nobody waits.

    Nobody waits for longer than two appends of the store may take: when one fails, all that wait behind it
    fail with it.
    """

    def __init__(self, store: EventStore, stream: str) -> None:
        super().__init__(store)
        self._store: Final = store
        self._stream: Final = stream
        self._lock: Final = Lock()
        self._waiting: list[_Ask] = []
        self._is_led = False

    def append(self, stream: str, transactions: Sequence[Transaction]) -> list[Outcome]:
        """As the store does."""
        assert stream == self._stream, stream
        ask = _Ask(transactions)
        with self._lock:
            if self._is_led:
                ask.unready.acquire()
                self._waiting.append(ask)
            else:
                self._is_led = ask.leads = True
        if not ask.leads:
            ask.unready.acquire()  # a bare lock: an Event is one too, and twenty calls more
        if ask.leads:
            self._lead(ask)
        if ask.outcomes is None:
            raise ask.error
        return ask.outcomes

    def _lead(self, own: _Ask) -> None:
        with self._lock:
            followers, self._waiting = self._waiting, []
        failed_with: Unavailable | None = None
        try:
            self._send([own, *followers])
        except Unavailable as error:
            failed_with = error
            for ask in (own, *followers):
                ask.error = error
        finally:
            for ask in followers:
                ask.unready.release()
            self._pass_on(failed_with)

    def _send(self, asks: Sequence[_Ask]) -> None:
        try:
            outcomes = self._store.append(self._stream, [one for ask in asks for one in ask.transactions])
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - raised again, by whoever asked for it
            if len(asks) == 1:
                asks[0].error = error
                return
            for ask in asks:  # what is wrong with one of them is not to hit the others
                self._send([ask])
            return
        for ask in asks:
            ask.outcomes, outcomes = outcomes[: len(ask.transactions)], outcomes[len(ask.transactions) :]

    def _pass_on(self, failed_with: Unavailable | None) -> None:
        with self._lock:
            if failed_with is not None:
                failed, self._waiting = self._waiting, []
                for ask in failed:
                    ask.error = failed_with
                    ask.unready.release()
            self._is_led = bool(self._waiting)
            if self._waiting:
                following = self._waiting.pop(0)
                following.leads = True
                following.unready.release()
