"""A port in trouble."""

import attrs


class PortError(Exception):
    """The base of what ports raise. Drivers' errors are the cause (`raise ... from`)."""

    bare: str | None = None
    """The message without the words of another program, which may be about a person; None: there are none."""

    @property
    def for_log(self) -> str:
        """What a log may say. An error that passes on another one says what that one says."""
        cause = self.__cause__
        if self.bare is None and isinstance(cause, PortError):
            return cause.for_log
        return str(self) if self.bare is None else self.bare


class Unavailable(PortError):
    """The other side did not answer, or refused for now: the outcome is unknown. Try again later."""


@attrs.frozen
class RefusedForGood(PortError):
    """The other side said no, with `reason`, and would say so again. Trying again will not help."""

    reason: str


@attrs.frozen
class MalformedEvent(PortError):
    """An entry that is no event: what is wrong with it. Trying again will not help."""

    reason: str


@attrs.frozen
class FactTooEarly(PortError):
    """A fact about a checkout whose start is not known yet. Trying again may help."""

    checkout_id: str

    def __str__(self) -> str:
        return f"checkout {self.checkout_id} has no CheckoutInitiated yet"


class EditionGone(PortError):
    """This edition of a read model is not built any more: another one was begun since. Let that one be."""

    def __str__(self) -> str:
        return "another edition of the read model was begun since"


@attrs.frozen
class InvalidPosition(PortError):
    """A text that is no position of this store."""

    position: str

    def __str__(self) -> str:
        return f"{self.position!r} is not a position"
