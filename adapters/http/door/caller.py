"""Who a request is from, once it has been let in."""

from typing import Final

from flask import request

from adapters.http.door.proxies import consumer

KEY_ID: Final = "comptoir.key_id"
"""Where the doorkeeper notes in a request's environment whose key it shows."""


def key_id() -> str | None:
    """Whose key opened the door; None where it stands open to everybody."""
    found: str | None = request.environ.get(KEY_ID)
    return found


def proven_name() -> str | None:
    """Who asks, as somebody whom we trust says it: a gateway of its consumer, or else the key. None where
    nobody vouches for anybody."""
    return consumer() or key_id()
