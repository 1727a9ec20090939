"""Which version of Comptoir this is."""

from functools import cache
from importlib import metadata
from typing import Final

NOT_INSTALLED: Final = "0.0.0+not.installed"
"""What it is where the code is used as it lies there, as the tests may."""


@cache
def our_version() -> str:
    """The version that was installed."""
    try:
        return metadata.version("comptoir")
    except metadata.PackageNotFoundError:
        return NOT_INSTALLED
