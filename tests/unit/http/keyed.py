"""Keys for the application in memory: one for each scope."""

from typing import Final

from adapters.api_keys.api_key import SCOPES, ApiKey, Scope, new_secret, sha256_of
from adapters.api_keys.key_ring import KeyRing
from adapters.http.door.door import Door
from adapters.http.door.doorkeeper import Doorkeeper

NEVER: Final = 1.0
"""A moment long ago."""


def _key(id: str, secret: str, *scopes: Scope, expires_at_s: float | None = None) -> ApiKey:
    return ApiKey(id=id, sha256=sha256_of(secret), scopes=frozenset(scopes), expires_at_s=expires_at_s)


IDS: Final[dict[Scope, str]] = {scope: f"key-{scope.replace(':', '-')}" for scope in SCOPES}
SECRETS: Final = {id_: new_secret(id_) for id_ in (*IDS.values(), "everything", "expired")}
EVERYTHING: Final = SECRETS["everything"]
EXPIRED: Final = SECRETS["expired"]
RING: Final = KeyRing(
    [
        *(_key(id_, SECRETS[id_], scope) for scope, id_ in IDS.items()),
        _key("everything", EVERYTHING, *SCOPES),
        _key("expired", EXPIRED, *SCOPES, expires_at_s=NEVER),
    ]
)
DOOR: Final = Door(doorkeeper=Doorkeeper(keys=RING))


def secret_for(scope: Scope) -> str:
    """A key that opens `scope` and nothing else."""
    return SECRETS[IDS[scope]]
