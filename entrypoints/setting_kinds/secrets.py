"""Settings that are secrets, or stand for some: never shown, not even in the error about them."""

import re
from collections.abc import Callable
from typing import Final

from entrypoints.setting_kinds.setting import HIDDEN, Setting, field

SECRET_CHARS_MAX: Final = 4_096
_is_secret = re.compile(r"[!-~]{1,4096}").fullmatch


def secret(meaning: str) -> str:
    """What opens a door: never shown. Its characters may stand in a header."""

    def parse(given: str) -> str:
        if not _is_secret(given):
            raise ValueError(given)
        return given

    return _hidden(parse, f"1 to {SECRET_CHARS_MAX} printable ASCII characters, no spaces", meaning)


def key_hashes(meaning: str) -> str:
    """Keys to the API as their hashes. What is wrong with them is said without them."""

    def parse(given: str) -> str:
        from adapters.api_keys.written import MalformedKeys, read_text  # for the few that have any

        try:
            read_text(given)
        except MalformedKeys as error:
            raise ValueError from error
        return given

    return _hidden(parse, "id:scope,scope:sha256, several with ; between them", meaning)


def webhook_secrets(meaning: str) -> str:
    """Secrets that webhooks are signed with. Never shown."""

    def parse(given: str) -> str:
        from adapters.notification.signature import SecretError, Signer  # nearly no process needs it

        try:
            Signer.of(given)
        except SecretError:
            raise ValueError from None
        return given

    allowed = "up to 10 secrets with commas between them, each whsec_ and 24 to 64 bytes in base64"
    return _hidden(parse, allowed, meaning)


def _hidden(parse: Callable[[str], str], allowed: str, meaning: str) -> str:
    setting = Setting(parse=parse, range=allowed, meaning=meaning, shown=lambda _: HIDDEN)
    return field("", setting, shown=lambda given: repr(HIDDEN if given else ""))
