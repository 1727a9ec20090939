"""Parameters that several commands share."""

from typing import Annotated, Final

from cyclopts import Parameter
from cyclopts.validators import Number

PAGE_DEFAULT: Final = 100
PAGE_MAX: Final = 1_000


def flag(name: str, meaning: str) -> Parameter:
    """An option that is there or not."""
    return Parameter(name=name, negative="", show_default=False, help=meaning)


Json = Annotated[bool, flag("--json", "One compact JSON document, for programs.")]
Count = Annotated[
    int, Parameter(name="--count", validator=Number(gte=1, lte=PAGE_MAX), help="How many at most, 1 to 1000.")
]
CheckoutId = Annotated[str, Parameter(name="ID", help="Id of a checkout.")]
After = Annotated[str | None, Parameter(name="--after", help="Go on after this cursor.")]
