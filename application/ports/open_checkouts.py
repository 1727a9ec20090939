"""Which checkouts have not ended, and since when; in a register of its own, which have a call in doubt."""

from collections.abc import Iterable, Mapping
from typing import Protocol


class OpenCheckouts(Protocol):
    """A register beside the stream: checkout id -> start, epoch seconds by the store's clock.

    Every method raises:
        Unavailable: no answer; all of them may be repeated.
    """

    def opened(self, since_s: Mapping[str, float]) -> None:
        """Note these."""

    def ended(self, checkout_ids: Iterable[str]) -> None:
        """Forget these; unknown ones are no matter."""

    def count(self) -> int:
        """How many are open."""

    def oldest(
        self, *, count: int, before_s: float | None = None, after: tuple[str, float] | None = None
    ) -> list[tuple[str, float]]:
        """At most `count` (checkout id, start), oldest first, those of one time by id; with `before_s`
        only those begun by then, with `after` only what follows it, whether or not that is still open."""
