"""Settings that say where something is. What may hold a password is never shown as it is."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final
from urllib.parse import urlsplit

from adapters.redis_streams.sentinel_url import SENTINEL_SCHEMES, SentinelUrl
from entrypoints.setting_kinds.setting import HIDDEN, Setting, field

Network = IPv4Network | IPv6Network

REDIS_SCHEMES: Final = ("redis", "rediss", "unix")
NETWORKS_MAX: Final = 64
WEB_URL_CHARS_MAX: Final = 2_048
_is_web_text = re.compile(r"[\x21-\x7e]+").fullmatch


def redis_url(meaning: str) -> str:
    """Where a Redis or Valkey server is. It may hold a password, so it is never shown as it is."""

    def parse(given: str) -> str:
        if given.startswith(SENTINEL_SCHEMES):
            SentinelUrl.parse(given)
            return given
        url = urlsplit(given)
        where = url.path if url.scheme == "unix" else url.hostname
        if url.scheme not in REDIS_SCHEMES or not where or url.port == 0:  # .port refuses what is no port
            raise ValueError(given)
        return given

    setting = Setting(
        parse=parse,
        range="a redis://, rediss://, unix:// or redis[s]+sentinel:// URL",
        meaning=meaning,
        shown=redacted,
    )
    return field("", setting, shown=lambda url: repr(redacted(url)))


def web_address(meaning: str) -> str:
    """Where something of ours is found over HTTP: no secrets in it, and no slash at its end."""

    def parse(given: str) -> str:
        url = urlsplit(_web_url(given))
        if url.query or "@" in url.netloc:
            raise ValueError(given)
        return given.rstrip("/")

    allowed = "an http:// or https:// URL without user, query and fragment"
    return field("", Setting(parse=parse, range=allowed, meaning=meaning, shown=origin_of))


def receiver_url(meaning: str) -> str:
    """Where something is sent over HTTP. Anything behind the host may be a secret, so it is never shown."""
    setting = Setting(
        parse=_web_url, range="an http:// or https:// URL without fragment", meaning=meaning, shown=origin_of
    )
    return field("", setting, shown=lambda url: repr(origin_of(url)))


def networks(meaning: str) -> tuple[Network, ...]:
    """Addresses and networks, such as 10.0.0.7,10.1.0.0/16,::1. None by default; never the whole world."""

    def parse(given: str) -> tuple[Network, ...]:
        found = tuple(ip_network(text.strip()) for text in given.split(","))
        if len(found) > NETWORKS_MAX or not all(network.prefixlen for network in found):
            raise ValueError(given)
        return found

    allowed = f"1 to {NETWORKS_MAX} addresses or networks (CIDR), with commas between them, not all the world"
    return field((), Setting(parse=parse, range=allowed, meaning=meaning))


def redacted(url: str) -> str:
    """`url` without its user, password and options: what may be shown, logged or put in an error."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return HIDDEN if url else ""
    address, question, options = rest.partition("?")
    if "@" in options:  # a bare ? in the password: nothing behind the scheme is safe to show
        return f"{scheme}://***"
    _, at, server = address.rpartition("@")
    return f"{scheme}://{'***@' if at else ''}{server}{'?***' if question else ''}"


def has_password(url: str) -> bool:
    """Whether the URL of a server brings a password along."""
    return ":" in url.partition("://")[2].rpartition("@")[0] or "password=" in url.partition("?")[2]


def origin_of(url: str) -> str:
    """A URL as far as it may be shown: what comes after the host may be a secret."""
    if not url:
        return ""
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0].rpartition("@")[2]
    return f"{scheme}://{host}/***" if rest and "?" not in host else HIDDEN


def _web_url(given: str) -> str:
    url = urlsplit(given)
    if url.scheme not in {"http", "https"} or not url.hostname or url.port == 0 or url.fragment:
        raise ValueError(given)
    if len(given) > WEB_URL_CHARS_MAX or not _is_web_text(given):
        raise ValueError(given)
    return given
