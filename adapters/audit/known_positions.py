"""Which positions a file of lines holds: exact, in little memory, however long the file."""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import attrs

from adapters.audit.line import Key, keys_of
from adapters.audit.opening import Bounds

BLOCK_BYTES: Final = 65_536
_BLOCKS_CACHED_MAX: Final = 64  # some 20,000 positions


@attrs.define
class _Block:
    """Some lines of the file that follow each other, and the bounds of their positions."""

    start: int
    end: int
    low: Key
    high: Key
    reach: Key
    """The highest position of this block and all before it."""


class KnownPositions:
    """The file is nearly in the order of its positions, so a block's bounds rule out nearly every block.

    The others are read again with `read(start, end)`; those read last are kept.
    """

    def __init__(self, read: Callable[[int, int], bytes]) -> None:
        self._read = read
        self._blocks: list[_Block] = []
        self._cached: OrderedDict[int, set[Key]] = OrderedDict()

    @property
    def bounds(self) -> Bounds | None:
        """The lowest and the highest position; None where there is none."""
        blocks = self._blocks
        return Bounds(min(block.low for block in blocks), blocks[-1].reach) if blocks else None

    def add(self, keys: Sequence[Key], start: int, end: int) -> None:
        """The bytes from `start` to `end`, which follow what was added before, hold `keys`."""
        if not keys:
            return
        low, high = min(keys), max(keys)
        last = self._blocks[-1] if self._blocks else None
        if last is not None and end - last.start <= BLOCK_BYTES:
            last.end = end
            last.low, last.high, last.reach = min(last.low, low), max(last.high, high), max(last.reach, high)
        else:
            reach = high if last is None else max(last.reach, high)
            self._blocks.append(_Block(start, end, low, high, reach))
            self._cache(len(self._blocks) - 1, set())
        if (cached := self._cached.get(len(self._blocks) - 1)) is not None:
            cached.update(keys)

    def among(self, keys: Iterable[Key]) -> set[Key]:
        """Those of `keys` that the file holds.

        Raises:
            OSError: the file cannot be read.
        """
        wanted = sorted(keys)
        found: set[Key] = set()
        if not wanted:
            return found
        for number in range(self._first_to_reach(wanted[0]), len(self._blocks)):
            block = self._blocks[number]
            nearest = bisect_left(wanted, block.low)
            if nearest < len(wanted) and wanted[nearest] <= block.high:
                found |= self._keys(number).intersection(wanted)
        return found

    def _first_to_reach(self, key: Key) -> int:
        return bisect_left(self._blocks, key, key=lambda block: block.reach)

    def _keys(self, number: int) -> set[Key]:
        if (keys := self._cached.get(number)) is None:
            block = self._blocks[number]
            keys = self._cache(number, set(keys_of(self._read(block.start, block.end))))
        self._cached.move_to_end(number)
        return keys

    def _cache(self, number: int, keys: set[Key]) -> set[Key]:
        self._cached[number] = keys
        if len(self._cached) > _BLOCKS_CACHED_MAX:
            self._cached.popitem(last=False)
        return keys
