"""The kinds of setting there are: how each is read from text, and how its range is said in one phrase."""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

import attrs

from adapters.redis_streams.sentinel_url import SENTINEL_SCHEMES, SentinelUrl

Number = TypeVar("Number", int, float, Decimal)
Value = TypeVar("Value")
Network = IPv4Network | IPv6Network

REDIS_SCHEMES: Final = ("redis", "rediss", "unix")
NETWORKS_MAX: Final = 64
_METADATA_KEY: Final = "setting"
WEB_URL_CHARS_MAX: Final = 2_048
_is_web_text = re.compile(r"[\x21-\x7e]+").fullmatch
HIDDEN: Final = "***"
SECRET_CHARS_MAX: Final = 4_096
_is_secret = re.compile(r"[!-~]{1,4096}").fullmatch
_is_rate = re.compile(r"[1-9][0-9]{0,6}/(second|minute|hour)").fullmatch
_is_whole = re.compile(r"-?[0-9]{1,18}").fullmatch


@attrs.frozen(kw_only=True)
class Setting:
    """What the environment may say about one field. `parse` raises ValueError for what `range` forbids."""

    parse: Callable[[str], object]
    range: str
    meaning: str
    shown: Callable[[str], str] = str

    @classmethod
    def of(cls, field: "attrs.Attribute[object]") -> "Setting | None":
        """The setting behind a field of `Settings`; None where the environment has no say in it."""
        setting: Setting | None = field.metadata.get(_METADATA_KEY)
        return setting


def redacted(url: str) -> str:
    """`url` without its user, password and options: what may be shown, logged or put in an error."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return "***" if url else ""
    address, question, options = rest.partition("?")
    if "@" in options:  # a bare ? in the password: nothing behind the scheme is safe to show
        return f"{scheme}://***"
    _, at, server = address.rpartition("@")
    return f"{scheme}://{'***@' if at else ''}{server}{'?***' if question else ''}"


def has_password(url: str) -> bool:
    """Whether the URL of a server brings a password along."""
    return ":" in url.partition("://")[2].rpartition("@")[0] or "password=" in url.partition("?")[2]


def whole(default: int, least: int, most: int, meaning: str) -> int:
    """A whole number from `least` to `most`."""

    def parse(given: str) -> int:
        if not _is_whole(given):
            raise ValueError(given)
        return _within(int(given), least, most)

    return _field(default, Setting(parse=parse, range=f"a whole number, {least} to {most}", meaning=meaning))


def seconds(default: float, least: float, most: float, meaning: str) -> float:
    """A number of seconds from `least` to `most`; a fraction will do."""
    allowed = f"a number, {least:.15g} to {most:.15g}"
    return _field(
        default,
        Setting(parse=lambda given: _within(float(given), least, most), range=allowed, meaning=meaning),
    )


def amount(default: Decimal, least: Decimal, most: Decimal, meaning: str) -> Decimal:
    """An exact decimal from `least` to `most`."""

    def parse(given: str) -> Decimal:
        try:
            return _within(Decimal(given), least, most)
        except InvalidOperation:
            raise ValueError(given) from None

    return _field(default, Setting(parse=parse, range=f"a decimal, {least} to {most}", meaning=meaning))


def name(default: str, meaning: str, chars_max: int = 255) -> str:
    """The name of something: printable, no spaces, up to `chars_max` characters. Empty by default only."""

    def parse(given: str) -> str:
        if len(given) > chars_max or not given.isprintable() or " " in given:
            raise ValueError(given)
        return given

    allowed = f"1 to {chars_max} printable characters, no spaces"
    return _field(default, Setting(parse=parse, range=allowed, meaning=meaning))


def rate(meaning: str) -> str:
    """So many in so long, or nothing."""

    def parse(given: str) -> str:
        if not _is_rate(given.lower()):
            raise ValueError(given)
        return given.lower()

    allowed = "1 to 9999999 /second, /minute or /hour: 50/second"
    return _field("", Setting(parse=parse, range=allowed, meaning=meaning))


def one_of(default: str, *others: str, meaning: str) -> str:
    """One of a few words, in any case."""
    words = (default, *others)

    def parse(given: str) -> str:
        if given.lower() not in words:
            raise ValueError(given)
        return given.lower()

    return _field(default, Setting(parse=parse, range=" or ".join(words), meaning=meaning))


def directory(default: str, meaning: str) -> Path:
    """A path, relative to where the command is started."""
    return _field(Path(default), Setting(parse=_path, range="a directory", meaning=meaning))


def optional_directory(meaning: str) -> Path | None:
    """A path, or nothing."""
    return _field(None, Setting(parse=_path, range="a directory", meaning=meaning))


def optional_file(meaning: str) -> Path | None:
    """The path of a file, or nothing."""
    return _field(None, Setting(parse=_path, range="a file", meaning=meaning))


def key_hashes(meaning: str) -> str:
    """Keys to the API as their hashes. What is wrong with them is said without them."""

    def parse(given: str) -> str:
        from adapters.api_keys.written import MalformedKeys, read_text  # for the few that have any

        try:
            read_text(given)
        except MalformedKeys as error:
            raise ValueError from error
        return given

    setting = Setting(
        parse=parse,
        range="id:scope,scope:sha256, several with ; between them",
        meaning=meaning,
        shown=lambda _: HIDDEN,
    )
    return _field("", setting, shown=lambda keys: repr("***" if keys else ""))


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
    return _field("", setting, shown=lambda url: repr(redacted(url)))


def secret(meaning: str) -> str:
    """What opens a door: never shown. Its characters may stand in a header."""

    def parse(given: str) -> str:
        if not _is_secret(given):
            raise ValueError(given)
        return given

    allowed = f"1 to {SECRET_CHARS_MAX} printable ASCII characters, no spaces"
    setting = Setting(parse=parse, range=allowed, meaning=meaning, shown=lambda _: HIDDEN)
    return _field("", setting, shown=lambda given: repr(HIDDEN if given else ""))


def web_address(meaning: str) -> str:
    """Where something of ours is found over HTTP: no secrets in it, and no slash at its end."""

    def parse(given: str) -> str:
        url = urlsplit(_web_url(given))
        if url.query or "@" in url.netloc:
            raise ValueError(given)
        return given.rstrip("/")

    allowed = "an http:// or https:// URL without user, query and fragment"
    return _field("", Setting(parse=parse, range=allowed, meaning=meaning, shown=origin_of))


def receiver_url(meaning: str) -> str:
    """Where something is sent over HTTP. Anything behind the host may be a secret, so it is never shown."""
    setting = Setting(
        parse=_web_url, range="an http:// or https:// URL without fragment", meaning=meaning, shown=origin_of
    )
    return _field("", setting, shown=lambda url: repr(origin_of(url)))


def webhook_secrets(meaning: str) -> str:
    """Secrets that webhooks are signed with. Never shown."""

    def parse(given: str) -> str:
        from adapters.notification.signature import SecretError, Signer  # nearly no process needs it

        try:
            Signer.of(given)
        except SecretError:
            raise ValueError from None
        return given

    setting = Setting(
        parse=parse,
        range="up to 10 secrets with commas between them, each whsec_ and 24 to 64 bytes in base64",
        meaning=meaning,
        shown=lambda _: HIDDEN,
    )
    return _field("", setting, shown=lambda given: repr(HIDDEN if given else ""))


def origin_of(url: str) -> str:
    """A URL as far as it may be shown: what comes after the host may be a secret."""
    if not url:
        return ""
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0].rpartition("@")[2]
    return f"{scheme}://{host}/***" if rest and "?" not in host else "***"


def _web_url(given: str) -> str:
    url = urlsplit(given)
    if url.scheme not in {"http", "https"} or not url.hostname or url.port == 0 or url.fragment:
        raise ValueError(given)
    if len(given) > WEB_URL_CHARS_MAX or not _is_web_text(given):
        raise ValueError(given)
    return given


def networks(meaning: str) -> tuple[Network, ...]:
    """Addresses and networks, such as 10.0.0.7,10.1.0.0/16,::1. None by default; never the whole world."""

    def parse(given: str) -> tuple[Network, ...]:
        found = tuple(ip_network(text.strip()) for text in given.split(","))
        if len(found) > NETWORKS_MAX or not all(network.prefixlen for network in found):
            raise ValueError(given)
        return found

    allowed = f"1 to {NETWORKS_MAX} addresses or networks (CIDR), with commas between them, not all the world"
    return _field((), Setting(parse=parse, range=allowed, meaning=meaning))


def _path(given: str) -> Path:
    if not given.isprintable():
        raise ValueError(given)
    return Path(given)


def _within(value: Number, least: Number, most: Number) -> Number:
    if not least <= value <= most:  # so that a NaN is refused too
        raise ValueError(value)
    return value


def _field(default: Value, setting: Setting, shown: Callable[[Value], str] | None = None) -> Value:
    """An attrs field, typed as its default, so that a class body reads as plain annotations."""
    field: Value = attrs.field(
        default=default, metadata={_METADATA_KEY: setting}, repr=True if shown is None else shown
    )
    return field
