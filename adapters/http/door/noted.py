"""What the inside of the application notes about a request, for those around it that tell of it."""

from typing import Final
from wsgiref.types import WSGIEnvironment

from flask import request

_CHECKOUT: Final = "comptoir.checkout_id"


def note_checkout(checkout_id: str) -> None:
    """Say which checkout the request at hand is about. It must exist: what was typed may be anything."""
    request.environ[_CHECKOUT] = checkout_id


def checkout_noted(environ: WSGIEnvironment) -> str | None:
    """The checkout, where the request is about one."""
    return environ.get(_CHECKOUT)
