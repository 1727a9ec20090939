"""Where sentinels are that know the master: `redis+sentinel://[user:pass@]host:port[,...]/service[/db]`.

With `rediss+sentinel://`, they and the servers are spoken to over TLS.
"""

import re
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs

SENTINEL_SCHEMES: Final = ("redis+sentinel://", "rediss+sentinel://")
SENTINEL_PORT: Final = 26_379
_OPTIONS: Final = frozenset({"sentinel_username", "sentinel_password"})
_is_number = re.compile(r"[0-9]{1,9}").fullmatch


@attrs.frozen(kw_only=True)
class SentinelUrl:
    """User and password are the servers'; the sentinels have their own, if any, as options of the URL."""

    sentinels: tuple[tuple[str, int], ...]
    service: str
    db: int = 0
    username: str | None = None
    password: str | None = attrs.field(default=None, repr=False)
    sentinel_username: str | None = None
    sentinel_password: str | None = attrs.field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> "SentinelUrl":
        """Read `url`. Raises ValueError, without quoting what may be a password."""
        if not url.startswith(SENTINEL_SCHEMES):
            raise ValueError("another scheme")
        address, _, query = url.partition("://")[2].partition("?")
        where, _, path = address.partition("/")
        credentials, _, hosts = where.rpartition("@")
        service, _, db = path.partition("/")
        username, _, password = credentials.partition(":")
        options = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))
        if not service or (db and not _is_number(db)) or not _OPTIONS.issuperset(options):
            raise ValueError("no service, or a db or an option that is none")
        return cls(
            sentinels=tuple(_host_and_port(host) for host in hosts.split(",")),
            service=unquote(service),
            db=int(db or 0),
            username=unquote(username) or None,
            password=unquote(password) or None,
            **options,
        )


def _host_and_port(text: str) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.port == 0:  # .port refuses what is no port
        raise ValueError("no host")
    return parts.hostname, parts.port or SENTINEL_PORT
