"""The way in: who is let in, how often, and whether it is written down."""

from typing import TYPE_CHECKING
from wsgiref.types import WSGIApplication

import attrs
from flask import Flask

from adapters.http.door.doorkeeper import Doorkeeper
from adapters.http.door.request_log import RequestLog

if TYPE_CHECKING:
    from adapters.http.door.rates import Rates


@attrs.frozen(kw_only=True)
class Door:
    """As it is made it stands open to everybody, counts nobody and writes nothing down."""

    doorkeeper: Doorkeeper | None = None
    rates: "Rates | None" = None
    request_log: bool = False

    def guard(self, app: Flask) -> None:
        """Stand between `app` and whoever asks it."""
        if self.doorkeeper:
            self.doorkeeper.guard(app)
        if self.rates:
            self.rates.guard(app)  # after the doorkeeper, who knows whose key it is

    def logged(self, application: WSGIApplication) -> WSGIApplication:
        """`application`, with its requests written down where that is wanted."""
        return RequestLog(application) if self.request_log else application


OPEN_DOOR = Door()
