"""What a gateway before us says of a request: believed of those we were told to trust, and of nobody else.

`X-Forwarded-Prefix` is what it cut off the path: every link begins with it (adapters/http/links.py).
`X-Consumer-Username` is its name for who is asking.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from contextvars import Context, copy_context
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import request
from werkzeug.middleware.proxy_fix import ProxyFix

from adapters.http import links

Network = IPv4Network | IPv6Network

PREFIX_CHARS_MAX: Final = 128
CONSUMER_CHARS_MAX: Final = 128
HOPS_MAX: Final = 32
"""Addresses of `X-Forwarded-For` that are looked at, from the right."""

_PEERS_REMEMBERED: Final = 4_096
CONSUMER: Final = "comptoir.consumer"  # no header can have this name: theirs begin with HTTP_

_PREFIX: Final = "HTTP_X_FORWARDED_PREFIX"
_FOR: Final = "HTTP_X_FORWARDED_FOR"
_USERNAME: Final = "HTTP_X_CONSUMER_USERNAME"
_RULES: Final = {
    _PREFIX: re.compile(rf"(?=.{{1,{PREFIX_CHARS_MAX}}}\Z)(/[\w~-][\w.~-]*)+/?", re.ASCII),
    "HTTP_X_FORWARDED_PROTO": re.compile("https?"),
    "HTTP_X_FORWARDED_HOST": re.compile(r"([\w.-]{1,255}|\[[0-9a-fA-F:.]{2,45}\])(:[0-9]{1,5})?", re.ASCII),
    "HTTP_X_FORWARDED_PORT": re.compile("[1-9][0-9]{0,4}"),
    _USERNAME: re.compile(rf"[\x21-\x7e]{{1,{CONSUMER_CHARS_MAX}}}"),
}
_SAID: Final = (*_RULES, _FOR)


def consumer() -> str | None:
    """What a trusted gateway calls whoever is asking; None where none is asked through, or has no name."""
    named: str | None = request.environ.get(CONSUMER)
    return named


class Proxies:
    """A WSGI application behind the proxies at `trusted`.

    What only a proxy may say is taken out if anyone else says it, and of a trusted one if it breaks its rule:
    a list, a segment of dots or `//` is nothing that a gateway has made.
    """

    def __init__(self, application: WSGIApplication, trusted: Sequence[Network]) -> None:
        self._application: Final = application
        self._told: Final = ProxyFix(application, x_for=1, x_proto=1, x_host=1, x_port=1, x_prefix=1)
        self._trusted: Final = tuple(trusted)
        self._is_trusted: Final = functools.lru_cache(_PEERS_REMEMBERED)(self._trusts)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not self._is_trusted(environ.get("REMOTE_ADDR", "")):
            for name in _SAID:
                environ.pop(name, None)
            return self._application(environ, start_response)
        self._keep_what_is_sound(environ)
        if _PREFIX not in environ:
            return self._told(environ, start_response)
        environ[_PREFIX] = environ[_PREFIX].rstrip("/")
        context = copy_context()
        context.run(links.PREFIX.set, environ[_PREFIX])
        answer = context.run(self._told, environ, start_response)
        return answer if isinstance(answer, list) else _within(context, answer)

    def _keep_what_is_sound(self, environ: WSGIEnvironment) -> None:
        for name, rule in _RULES.items():
            if not rule.fullmatch(environ.get(name, "")):
                environ.pop(name, None)
        client = self._client(environ.pop(_FOR, ""))
        if client is not None:
            environ[_FOR] = client
        if _USERNAME in environ:
            environ[CONSUMER] = environ.pop(_USERNAME)

    def _client(self, hops: str) -> str | None:
        """From the right, the first address that is no proxy of ours, or the last before what is none."""
        found = None
        for hop in reversed(hops.rsplit(",", HOPS_MAX)[-HOPS_MAX:]):
            try:
                found = str(ip_address(hop.strip()))
            except ValueError:
                return found
            if not self._is_trusted(found):
                return found
        return found

    def _trusts(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self._trusted)


def _within(context: Context, parts: Iterable[bytes]) -> Iterator[bytes]:
    """The parts of an answer that is still being made, each made in `context`."""
    rest = iter(parts)
    try:
        while (part := context.run(next, rest, None)) is not None:
            yield part
    finally:
        if hasattr(parts, "close"):
            context.run(parts.close)
