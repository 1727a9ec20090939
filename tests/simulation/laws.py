"""What must hold, by name: some of it after every call of a port, all of it at the end."""

from typing import Final

import attrs

NEVER_OVERSOLD: Final = "units free are never below zero"
HELD_ONCE: Final = "a checkout holds a product once and gives it back once"
ONE_END: Final = "a checkout ends once, and no step adds to it afterwards"
EVENT_IDS: Final = "an entity has an event id once"
VERSIONS: Final = "an entity's versions are 1 to n"
FAIR_REFUSAL: Final = "a cart is refused only for want of units"
NO_EARLY_EXPIRY: Final = "a checkout expires only after its deadline"
NOT_STUCK: Final = "everything accepted has ended once nothing is left to do"
NO_HOLD_OUTLIVES: Final = "no hold outlives a failed checkout, and every order has its units"
GIVEN_UP: Final = "a compensation that is given up is told on its checkout"
STUCK_SHOWN: Final = "a stuck checkout is shown to wait for an operator"
STOCK_ANSWER: Final = "the stock shown is the stock on the stream"
READ_MODEL: Final = "the read model is what the stream says, and never goes back"
AUDITED: Final = "every entry is audited once"
DEAD_LETTERS: Final = "dead letters are what is malformed, too early or cannot be given back"
TOLD: Final = "every end is told, and remembered as told"
SAME_ANSWER: Final = "the same idempotency key is the same checkout"
TAKEN_OVER: Final = "a delivery is taken over only from a consumer that has sat on it long enough"
NO_BUG: Final = "no assertion of the code fails"


@attrs.frozen
class LawBroken(BaseException):
    """Not an `Exception`: the worker catches those, and sets aside what raises them."""

    law: str
    how: str

    def __str__(self) -> str:
        return f"{self.law}: {self.how}"


def hold(law: str, kept: object, how: object) -> None:
    """Insist on `law`."""
    if not kept:
        raise LawBroken(law, str(how))
