"""The files of the page that shows the document."""

from functools import cache
from pathlib import Path
from typing import Final

ASSETS: Final = Path(__file__).parent / "assets"
FILES: Final = {
    "rapidoc-min.js": "text/javascript; charset=utf-8",
    "rapidoc-LICENSE.txt": "text/plain; charset=utf-8",
    "rapidoc-min.js.LICENSE.txt": "text/plain; charset=utf-8",
}
"""What the page needs, and the licences that go with it: name -> content type."""


@cache
def page_file(name: str) -> bytes:
    """What is in it; read once."""
    return (ASSETS / name).read_bytes()
