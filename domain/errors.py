"""A request that the rules forbid."""

import attrs


class DomainError(Exception):
    """The base of every refusal. Its message is a sentence for the person who asked."""


@attrs.frozen
class InvalidValue(DomainError):
    """A value outside its limit: which field, and the limit it breaks."""

    field: str
    limit: str

    def __str__(self) -> str:
        return f"{self.field} {self.limit}"


@attrs.frozen
class UnknownCheckout(DomainError):
    """A fact about a checkout that was never started."""

    checkout_id: str

    def __str__(self) -> str:
        return f"checkout {self.checkout_id} was never started"


@attrs.frozen
class CheckoutEnded(DomainError):
    """Too late: the checkout has ended."""

    checkout_id: str

    def __str__(self) -> str:
        return f"checkout {self.checkout_id} has ended"


@attrs.frozen
class CheckoutFailing(DomainError):
    """Too late to give it time: the checkout is failing already, and no deadline stops that."""

    checkout_id: str

    def __str__(self) -> str:
        return f"checkout {self.checkout_id} is failing already, so that it has no deadline any more"
