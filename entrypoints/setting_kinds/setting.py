"""What every kind of setting is made of."""

from collections.abc import Callable
from typing import Final, TypeVar

import attrs

Value = TypeVar("Value")

_METADATA_KEY: Final = "setting"
HIDDEN: Final = "***"
"""What stands for a secret wherever a setting is shown."""


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


def field(default: Value, setting: Setting, shown: Callable[[Value], str] | None = None) -> Value:
    """An attrs field, typed as its default, so that a class body reads as plain annotations."""
    made: Value = attrs.field(
        default=default, metadata={_METADATA_KEY: setting}, repr=True if shown is None else shown
    )
    return made
