"""When Python looks for garbage in a process that runs for long."""

import gc
from typing import Final

NEW_OBJECTS: Final = 50_000
"""How many more objects there must be before it looks; one batch makes thousands, and drops them all."""


def settle() -> None:
    """To be called once everything that lasts is made: it will never be garbage, and is not looked at again.

    Looking at it after every 700 new objects is a tenth of the processor time of a saga. What is frozen
    before a fork also stays shared with it.
    """
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)
    gc.enable()
