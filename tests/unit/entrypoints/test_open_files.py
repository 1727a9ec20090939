"""The limit of open files, which a process may raise as far as the system lets it."""

import resource
from collections.abc import Iterator

import pytest

from entrypoints.open_files import allow_open_files

FILES = resource.RLIMIT_NOFILE
LOW = 200


@pytest.fixture(autouse=True)
def low_limit() -> Iterator[None]:
    before = resource.getrlimit(FILES)
    resource.setrlimit(FILES, (LOW, before[1]))
    yield
    resource.setrlimit(FILES, before)


def test_a_limit_that_is_high_enough_is_left_alone() -> None:
    assert allow_open_files(LOW - 1) == LOW - 1
    assert resource.getrlimit(FILES)[0] == LOW


def test_a_low_one_is_raised() -> None:
    assert allow_open_files(LOW + 50) == LOW + 50
    assert resource.getrlimit(FILES)[0] == LOW + 50


def test_but_no_higher_than_the_system_allows() -> None:
    _, highest = resource.getrlimit(FILES)
    if highest == resource.RLIM_INFINITY:
        pytest.skip("this system knows no limit")

    assert allow_open_files(highest + 1) == highest
