"""Who did what when, kept cheaply and written out only when somebody wants to read it."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Final

import attrs

from application.events.recorded_event import RecordedEvent
from application.ports.clock import Clock
from application.ports.delivery import Delivery
from application.ports.event_bus import DeadLetter, Subscription
from application.ports.event_store import Appended, NewEvent, Write
from application.ports.read_model import OrderRow

DULL: Final = frozenset(
    {"read", "snapshots", "find", "page", "pending", "backlog", "join", "save_checkpoint", "due", "unseen"}
    | {"keep", "acknowledge"}
)
"""Calls that say little: left out of a short history."""
SHORT_CHARS: Final = 150


@attrs.frozen
class Note:
    at_s: float
    who: str
    what: str
    about: tuple[object, ...] = ()
    is_call: bool = True

    def line(self, began_s: float) -> str:
        about = ", ".join(text for part in self.about if (text := written(part)))
        mark = " " if self.is_call else "!"
        return f"{self.at_s - began_s:>10.3f} {mark} {self.who:<24} {self.what} {about}".rstrip()

    def is_dull(self) -> bool:
        """It says nothing that a reader of a failure needs at first."""
        call = self.what.rpartition(".")[2]
        return self.is_call and (
            call in DULL or (self.about[-1] in ([], None) and call in {"receive", "claim"})
        )


class Diary:
    """What happened, by the clock of the schedule."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began_s = clock.now_s()
        self.notes: list[Note] = []

    def call(self, who: str, what: str, *about: object) -> None:
        """A call of a port: its arguments, then its answer."""
        self.notes.append(Note(self._clock.now_s(), who, what, about))

    def note(self, who: str, what: str, *about: object) -> None:
        """Anything else."""
        self.notes.append(Note(self._clock.now_s(), who, what, about, is_call=False))

    def lines(self, *, short: bool = False) -> Iterator[str]:
        """All of it; `short`: only what changed something."""
        for note in self.notes:
            line = note.line(self._began_s)
            if not short:
                yield line
            elif not note.is_dull():
                yield line if len(line) <= SHORT_CHARS else line[: SHORT_CHARS - 1] + "…"

    def digest(self) -> str:
        """The same for two runs if and only if they went the same way."""
        return sha256("\n".join(self.lines()).encode()).hexdigest()[:16]


def written(part: object) -> str:  # noqa: C901, PLR0912 - one short form per kind of argument
    """`part` in as few words as will do; the same text for equal values."""
    match part:
        case None:
            return ""
        case Write():
            return f"{part.entity}@{part.expected_version}: " + " + ".join(map(written, part.events))
        case NewEvent():
            return type(part.event).__name__
        case RecordedEvent():
            return f"{part.type} v{part.version} of {part.entity}"
        case Delivery():
            return f"{part.type or 'an entry'} {_place(part.position)} (attempt {part.attempt})"
        case Appended():
            return "appended " + written(part.positions)
        case Subscription():
            return part.consumer
        case DeadLetter():
            return part.reason[:80]
        case OrderRow():
            return f"{part.checkout_id} {part.status} v{part.version}"
        case str():
            return _place(part)
        case float():
            return f"{part:.3f}".removeprefix("17000")
        case set() | frozenset():
            return "{" + ", ".join(sorted(map(written, part))) + "}"
        case Mapping():
            return "{" + ", ".join(sorted(f"{written(k)}: {written(v)}" for k, v in part.items())) + "}"
        case tuple() | list():
            texts = map(written, part)
            of_a_set = all(isinstance(one, str) for one in part)  # ids: whichever way the set was walked
            return "[" + ", ".join(sorted(texts) if of_a_set else texts) + "]"
        case _:
            return str(part)


def _place(text: str) -> str:
    """Positions share their first digits, and streams most of their names."""
    return text.removeprefix("17000").removeprefix("ecommerce.").removesuffix(".events")
