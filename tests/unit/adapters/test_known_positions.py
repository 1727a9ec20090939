"""What a file holds is known exactly, although hardly any of it is in memory."""

import random
from functools import cache

import pytest

from adapters.audit.known_positions import BLOCK_BYTES, KnownPositions
from adapters.audit.line import Key, keys_of, render
from tests.contracts.audit_log import entry

LINE_BYTES = 20_000  # three lines or so a block
LINES = 400
LATE_MAX = 300
BUNCH = 8


@pytest.mark.parametrize("seed", range(5))
def test_positions_are_known_exactly_however_late_some_of_them_came(seed: int) -> None:
    chance = random.Random(seed)
    file = bytearray()
    known = KnownPositions(lambda start, end: bytes(file[start:end]))
    held: set[Key] = set()
    for number in _nearly_in_order(chance):
        start = len(file)
        line = _line(number)
        file += line
        known.add(keys_of(line), start, len(file))
        held.add((number, 0))

        asked = {(chance.randrange(LINES + LATE_MAX), 0) for _ in range(10)} | {(number, 0), (number, 1)}
        assert known.among(asked) == asked & held, seed


@cache
def _line(number: int) -> bytes:
    return render(entry(f"{number}-0", payload="x" * LINE_BYTES))


def _nearly_in_order(chance: random.Random) -> list[int]:
    """Numbers of which one bunch in ten comes late."""
    late = [chance.random() < 0.1 for _ in range(0, LINES, BUNCH)]
    delays = [chance.randrange(LATE_MAX) if is_late else 0 for is_late in late]
    return sorted(range(LINES), key=lambda number: number + delays[number // BUNCH])


def test_the_bounds_are_of_all_blocks_in_whatever_order_they_came() -> None:
    file = b""
    known = KnownPositions(lambda start, end: file[start:end])
    for number, time_ms in enumerate((5, 1, 9, 3)):
        known.add([(time_ms, 0)], number * BLOCK_BYTES, (number + 1) * BLOCK_BYTES)

    assert known.bounds == ((1, 0), (9, 0))


def test_an_empty_file_holds_nothing() -> None:
    file = b""
    known = KnownPositions(lambda start, end: file[start:end])

    assert known.among([(1, 0)]) == set()
    assert known.among([]) == set()
