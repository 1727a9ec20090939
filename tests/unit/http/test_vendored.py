"""What others made lies here as it was fetched."""

import hashlib

from adapters.http.contract.page_files import ASSETS, FILES
from docs.vendor import PACKAGES, ROOT
from tests.each_row import each_row

PINNED = dict(pinned for package in PACKAGES for pinned in package.files.values())


@each_row("path", PINNED)
def test_a_vendored_file_is_unchanged(path: str) -> None:
    assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == PINNED[path]


def test_every_file_of_others_that_is_served_is_pinned_and_its_licences_are_served_too() -> None:
    pinned = {(ROOT / path).name for path in PINNED if (ROOT / path).parent == ASSETS}

    assert pinned == set(FILES)
    assert any("LICENSE" in name for name in FILES)
