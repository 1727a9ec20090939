"""Beats that go the way of every event, so that whoever does not hear them knows that something is wrong."""

from typing import Protocol


class Heartbeats(Protocol):
    """A stream of its own (`HEARTBEATS`), of which only the newest beats are kept."""

    def beat(self) -> None:
        """Put a beat on the stream, where every group finds it.

        Raises:
            Unavailable: it may not be there. The next one will do.
        """
