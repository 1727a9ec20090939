"""Beats on a stream of the log in memory."""

from typing import Final

from adapters.inmemory.log import InMemoryLog, text_of
from application.events.streams import HEARTBEATS
from application.ports.heartbeats import Heartbeats

KEPT: Final = 1_000


class InMemoryHeartbeats(Heartbeats):
    def __init__(self, log: InMemoryLog) -> None:
        self._log = log

    def beat(self) -> None:
        self._log.add(HEARTBEATS, {b"type": b"Heartbeat"})
        places = self._log.stream(HEARTBEATS).places
        if len(places) > KEPT:
            self._log.remove(HEARTBEATS, text_of(places[0]))
