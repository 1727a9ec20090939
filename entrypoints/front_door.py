"""Whom the API lets in, as the settings say it."""

from ipaddress import ip_address

from adapters.api_keys.key_file import KeyFile
from adapters.api_keys.key_ring import KeyRing
from adapters.api_keys.written import MalformedKeys, read_text
from entrypoints.settings import Settings
from entrypoints.start_refused import StartRefused


def key_ring(settings: Settings) -> KeyRing | None:
    """The keys in force; None where everybody on this machine, and nobody else, may come in.

    Raises:
        StartRefused: there are no keys and HOST can be reached from elsewhere; or the file of keys cannot be
            read.
    """
    path = settings.api_keys_file
    if path is None and not settings.api_keys:
        if not is_loopback(settings.host):
            raise StartRefused(
                f"HOST {settings.host} can be reached from other machines, and there are no keys: "
                "set API_KEYS_FILE or API_KEYS, or HOST to 127.0.0.1"
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
