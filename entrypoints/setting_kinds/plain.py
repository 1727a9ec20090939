"""Settings that hide nothing: numbers, words, names and paths."""

import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

from entrypoints.setting_kinds.setting import Setting, field

Number = TypeVar("Number", int, float, Decimal)

_is_rate = re.compile(r"[1-9][0-9]{0,6}/(second|minute|hour)").fullmatch
_is_whole = re.compile(r"-?[0-9]{1,18}").fullmatch


def whole(default: int, least: int, most: int, meaning: str) -> int:
    """A whole number from `least` to `most`."""

    def parse(given: str) -> int:
        if not _is_whole(given):
            raise ValueError(given)
        return _within(int(given), least, most)

    return field(default, Setting(parse=parse, range=f"a whole number, {least} to {most}", meaning=meaning))


def seconds(default: float, least: float, most: float, meaning: str) -> float:
    """A number of seconds from `least` to `most`; a fraction will do."""
    allowed = f"a number, {least:.15g} to {most:.15g}"
    return field(
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

    return field(default, Setting(parse=parse, range=f"a decimal, {least} to {most}", meaning=meaning))


def name(default: str, meaning: str, chars_max: int = 255) -> str:
    """The name of something: printable, no spaces, up to `chars_max` characters. Empty by default only."""

    def parse(given: str) -> str:
        if len(given) > chars_max or not given.isprintable() or " " in given:
            raise ValueError(given)
        return given

    allowed = f"1 to {chars_max} printable characters, no spaces"
    return field(default, Setting(parse=parse, range=allowed, meaning=meaning))


def rate(meaning: str) -> str:
    """So many in so long, or nothing."""

    def parse(given: str) -> str:
        if not _is_rate(given.lower()):
            raise ValueError(given)
        return given.lower()

    allowed = "1 to 9999999 /second, /minute or /hour: 50/second"
    return field("", Setting(parse=parse, range=allowed, meaning=meaning))


def one_of(default: str, *others: str, meaning: str) -> str:
    """One of a few words, in any case."""
    words = (default, *others)

    def parse(given: str) -> str:
        if given.lower() not in words:
            raise ValueError(given)
        return given.lower()

    return field(default, Setting(parse=parse, range=" or ".join(words), meaning=meaning))


def directory(default: str, meaning: str) -> Path:
    """A path, relative to where the command is started."""
    return field(Path(default), Setting(parse=_path, range="a directory", meaning=meaning))


def optional_directory(meaning: str) -> Path | None:
    """A path, or nothing."""
    return field(None, Setting(parse=_path, range="a directory", meaning=meaning))


def optional_file(meaning: str) -> Path | None:
    """The path of a file, or nothing."""
    return field(None, Setting(parse=_path, range="a file", meaning=meaning))


def _path(given: str) -> Path:
    if not given.isprintable():
        raise ValueError(given)
    return Path(given)


def _within(value: Number, least: Number, most: Number) -> Number:
    if not least <= value <= most:  # so that a NaN is refused too
        raise ValueError(value)
    return value
