"""Who comes in: where keys are in force, a request shows one that opens what it asks for (docs/adr/0021)."""

from typing import Final

import attrs
from flask import Flask, Response, request

from adapters.api_keys.api_key import ApiKey
from adapters.api_keys.key_ring import KeyRefused, KeyRing
from adapters.http import problem_kinds as kinds
from adapters.http.door.access import access_to
from adapters.http.door.caller import KEY_ID
from adapters.http.problems import problem
from adapters.telemetry.bounded_log import BoundedLog

_SCHEME: Final = "bearer "
_CHALLENGE: Final = 'Bearer realm="comptoir"'


@attrs.frozen(kw_only=True)
class Doorkeeper:
    """Asks for a key of `keys`. What is open to everybody is not asked for one, nor what does not exist."""

    keys: KeyRing
    log: BoundedLog = attrs.Factory(lambda: BoundedLog("door"))

    def guard(self, app: Flask) -> None:
        """Stand at the door of `app`: nothing of a request is read before it is let in."""
        app.before_request(self._let_in)

    def _let_in(self) -> Response | None:
        endpoint = request.endpoint
        access = "open" if endpoint is None else access_to(endpoint)
        if access == "open":
            return None
        shown = _key_shown()
        try:
            key = self.keys.holder(shown)
        except KeyRefused as refusal:
            return self._unknown(refusal, shown)
        request.environ[KEY_ID] = key.id
        return None if access in key.scopes else self._forbidden(key, access)

    def _unknown(self, refusal: KeyRefused, shown: str) -> Response:
        if not shown:
            detail, challenge = "send a key as X-API-Key, or as Authorization: Bearer", _CHALLENGE
            self._note("no key", None)
        else:
            detail, challenge = "the key is not valid", f'{_CHALLENGE}, error="invalid_token"'
            self._note(refusal.reason, refusal.key_id)
        return problem(kinds.KEY_NEEDED, detail, headers={"WWW-Authenticate": challenge})

    def _forbidden(self, key: ApiKey, scope: str) -> Response:
        self._note(f"lacks the scope {scope}", key.id)
        challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="{scope}"'
        detail = f"key {key.id} lacks the scope {scope}"
        return problem(kinds.SCOPE_MISSING, detail, headers={"WWW-Authenticate": challenge}, scope=scope)

    def _note(self, reason: str, key_id: str | None) -> None:
        route = request.url_rule.rule if request.url_rule else None
        self.log.warning(
            "not let in",
            reason=reason,
            key_id=key_id,
            method=request.method,
            route=route,
            address=request.remote_addr,
        )


def _key_shown() -> str:
    """The key that the request shows; empty where it shows none."""
    environ = request.environ
    shown: str = environ.get("HTTP_X_API_KEY", "")
    if shown:
        return shown
    said: str = environ.get("HTTP_AUTHORIZATION", "")
    return said[len(_SCHEME) :].strip() if said[: len(_SCHEME)].lower() == _SCHEME else ""
