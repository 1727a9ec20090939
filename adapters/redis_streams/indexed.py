"""What an entity's index holds of an event: its id, and where it lies, in as few bytes as they take."""

from adapters.codec.envelope import within

_MILLISECONDS = 13  # digits of them, until 2286
_DASH, _AT = b"-", "@"


def id_of(entity: str, event_id: str) -> str:
    """The id as the index has it: `<entity>.1r` as `1r`."""
    return within(entity, event_id).removeprefix(".")


def place_of(indexed: bytes) -> tuple[str, int | None]:
    """The position, and the version where the entry does not say it.

    `1690000000000-7`, as a number `1690000000000007` (`append.lua`, which is how nearly all are), or with
    `@2` behind it where another program wrote the event (`adopt.lua`).
    """
    if _DASH not in indexed:
        return f"{int(indexed[:_MILLISECONDS])}-{int(indexed[_MILLISECONDS:])}", None
    position, _, version = indexed.decode().partition(_AT)
    return position, int(version) if version else None
