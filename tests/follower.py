"""A follower of events as a program or a browser is one: it connects again by itself, where it was."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import attrs
import httpx
import orjson

EVENT_STREAM: Final = "text/event-stream"
SILENCE_MAX_S: Final = 20.0
"""Far longer than between two signs of life."""

AGAIN_S: Final = 0.1


@attrs.define
class Follower:
    """What one has seen of `path`. `connected` counts how often a stream was begun, `ended` says that the
    service told it (204) to come back no more."""

    url: str
    path: str
    last_event_id: str | None = None
    events: list[dict[str, Any]] = attrs.Factory(list)
    connected: int = 0
    ended: bool = False
    troubles: list[str] = attrs.Factory(list)
    _stop: threading.Event = attrs.Factory(threading.Event)

    @property
    def positions(self) -> list[str]:
        """Of all that was seen, in the order in which it was."""
        return [event["position"] for event in self.events]

    @contextmanager
    def following(self) -> Iterator["Follower"]:
        """Meanwhile, until told that there is no more."""
        thread = threading.Thread(target=self._follow, name=f"follower of {self.path}")
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join()

    def _follow(self) -> None:
        with httpx.Client(base_url=self.url, timeout=SILENCE_MAX_S, trust_env=False) as http:
            while not self._stop.is_set() and not self.ended:
                try:
                    self._listen(http)
                except httpx.TransportError as error:
                    self.troubles.append(type(error).__name__)
                self._stop.wait(AGAIN_S)

    def _listen(self, http: httpx.Client) -> None:
        headers = {"Accept": EVENT_STREAM}
        if self.last_event_id:
            headers["Last-Event-ID"] = self.last_event_id
        with http.stream("GET", self.path, headers=headers) as answer:
            if answer.status_code != 200:
                self.ended = answer.status_code == 204
                self.troubles.append(str(answer.status_code))
                return
            self.connected += 1
            for line in answer.iter_lines():
                if self._stop.is_set():
                    return
                name, _, value = line.partition(": ")
                if name == "id":
                    self.last_event_id = value
                elif name == "data":
                    self.events.append(orjson.loads(value))
