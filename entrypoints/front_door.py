"""Whom the API lets in, as the settings say it."""

from ipaddress import ip_address
from typing import TYPE_CHECKING

from adapters.api_keys.key_file import KeyFile
from adapters.api_keys.key_ring import KeyRing
from adapters.api_keys.written import MalformedKeys, read_text
from adapters.http.door.door import Door
from adapters.http.door.doorkeeper import Doorkeeper
from entrypoints.settings import Settings
from entrypoints.start_refused import StartRefused

if TYPE_CHECKING:
    from adapters.http.door.rates import Rates


def door_of(settings: Settings) -> Door:
    """The way in.

    Raises:
        StartRefused: as `key_ring`.
    """
    keys = key_ring(settings)
    return Door(
        doorkeeper=Doorkeeper(keys=keys) if keys else None,
        rates=_rates(settings),
        request_log=settings.request_log == "on",
    )


def _rates(settings: Settings) -> "Rates | None":
    if not settings.rate_limit_per_key and not settings.rate_limit_global:
        return None
    from adapters.http.door.rates import Rates  # with a library that nobody else needs

    return Rates(per_key=settings.rate_limit_per_key, overall=settings.rate_limit_global)


def key_ring(settings: Settings) -> KeyRing | None:
    """The keys in force; None where everybody on this machine, and nobody else, may come in.

    Raises:
        StartRefused: there are no keys, and HOST can be reached from elsewhere or a gateway lets others in;
            or the file of keys cannot be read.
    """
    path = settings.api_keys_file
    if path is None and not settings.api_keys:
        if not is_loopback(settings.host):
            raise StartRefused(
                f"HOST {settings.host} can be reached from other machines, and there are no keys: "
                "set API_KEYS_FILE or API_KEYS, or HOST to 127.0.0.1"
            )
        if settings.trusted_proxies:
            raise StartRefused(
                "TRUSTED_PROXIES names a gateway that lets others in, and there are no keys: "
                "set API_KEYS_FILE or API_KEYS, or leave TRUSTED_PROXIES empty"
            )
        return None
    try:
        return KeyRing(read_text(settings.api_keys), KeyFile(path) if path else None)
    except FileNotFoundError:
        raise StartRefused(f"API_KEYS_FILE {path}: no such file; comptoir keys create makes one") from None
    except OSError as error:
        raise StartRefused(f"API_KEYS_FILE {path}: {error.strerror}") from None
    except MalformedKeys as error:
        raise StartRefused(f"API_KEYS_FILE {path}: {error}") from None


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`. A name is believed only if it is `localhost`."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
