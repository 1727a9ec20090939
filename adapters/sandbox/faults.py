"""What may go wrong with a call, switched on and off while the sandbox runs."""

import threading
from collections.abc import Mapping
from random import Random
from typing import Any, Final

import attrs
from attrs.validators import and_, ge, gt, in_, instance_of, le, optional

from adapters.sandbox.rules import SERVICES, Asked

ANY: Final = "any"
LATENCY_MS_MAX: Final = 600_000
FAULTS_MAX: Final = 100

BEFORE: Final = {
    "slow": "works after latency_ms, whether or not anybody still waits",
    "refuse": "says no (400)",
    "error": "answers `status`, with Retry-After if there is retry_after_s; nothing has happened",
    "reset": "resets the connection; nothing has happened",
    "silent": "never answers; nothing has happened",
}
AFTER: Final = {
    "error-after": "does it, and answers `status`",
    "reset-after": "does it, and resets the connection",
    "lost": "does it, and never answers",
    "late": "does it at once, and answers after latency_ms",
    "slow-body": "does it, and sends its answer byte by byte over latency_ms",
    "cut-body": "does it, and hangs up in the middle of its answer",
    "garbage": "does it, and answers what is no JSON",
    "wrong-type": "does it, and answers a page of HTML",
    "endless": "does it, and answers a megabyte",
}
KINDS: Final[Mapping[str, str]] = BEFORE | AFTER


def _whole(least: int, most: int) -> Any:
    return and_(instance_of(int), ge(least), le(most))


@attrs.frozen(kw_only=True)
class Fault:
    """`kind` befalls the calls of `service`, `operation` and `produit_id` with `probability`, `calls` times
    and then no more; for ever without `calls`.

    Raises ValueError or TypeError where a field is outside its range.
    """

    kind: str = attrs.field(validator=in_(tuple(KINDS)))
    service: str = attrs.field(default=ANY, validator=in_((ANY, "inventory", "orders")))
    operation: str = attrs.field(default=ANY, validator=in_((ANY, *SERVICES)))
    produit_id: str | None = attrs.field(default=None, validator=optional(instance_of(str)))
    probability: float = attrs.field(default=1.0, converter=float, validator=and_(gt(0.0), le(1.0)))
    calls: int | None = attrs.field(default=None, validator=optional(_whole(1, 1_000_000)))
    latency_ms: int = attrs.field(default=0, validator=_whole(0, LATENCY_MS_MAX))
    status: int = attrs.field(default=500, validator=_whole(400, 599))
    retry_after_s: int | None = attrs.field(default=None, validator=optional(_whole(0, 86_400)))

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Fault":
        """One of its fields by their names."""
        unknown = sorted(given.keys() - attrs.fields_dict(cls).keys())
        if unknown or "kind" not in given:
            raise ValueError(f"{unknown[0]!r} is no field" if unknown else "a fault has a kind")
        return cls(**given)

    @classmethod
    def of_text(cls, text: str) -> "Fault":
        """One as it is typed: `lost,service=orders,probability=0.1`."""
        kind, *pairs = text.split(",")
        given: dict[str, Any] = {"kind": kind}
        for name, equals, value in (pair.partition("=") for pair in pairs):
            if not equals:
                raise ValueError(f"{name!r} is not name=value")
            given[name] = int(value) if value.isdecimal() and name != "produit_id" else value
        return cls.of(given)

    def is_about(self, asked: Asked, produit_id: str | None) -> bool:
        """Whether it may befall this call."""
        return (
            self.service in {ANY, SERVICES[asked.operation]}
            and self.operation in {ANY, asked.operation}
            and self.produit_id in {None, produit_id}
        )


class FaultBook:
    """The faults that are switched on; the first that befalls a call is the one that does."""

    def __init__(self, seed: int) -> None:
        self._random: Final = Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self._faults: list[tuple[Fault, int | None]] = []
        self._lock: Final = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Switch one on. Raises ValueError where there are too many."""
        with self._lock:
            if len(self._faults) >= FAULTS_MAX:
                raise ValueError(f"there may be {FAULTS_MAX} faults at a time")
            self._faults.append((fault, fault.calls))

    def clear(self) -> None:
        """Switch all off."""
        with self._lock:
            self._faults.clear()

    def all(self) -> list[Fault]:
        """Those that are on, with the calls that each will still befall."""
        with self._lock:
            return [attrs.evolve(fault, calls=left) for fault, left in self._faults]

    def draw(self, asked: Asked, produit_id: str | None) -> Fault | None:
        """What befalls this call, if anything."""
        with self._lock:
            for place, (fault, left) in enumerate(self._faults):
                if fault.is_about(asked, produit_id) and self._random.random() < fault.probability:
                    if left is not None:
                        self._faults[place] = (fault, left - 1)
                        if left == 1:
                            del self._faults[place]
                    return fault
        return None
