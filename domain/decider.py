"""The shape every aggregate has: decide, evolve, and a state to begin with.

After Jérémie Chassaing's Decider: all three are pure, so an aggregate is tested by its past facts,
a command and the facts that follow.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Generic, TypeVar

import attrs

Command = TypeVar("Command")
State = TypeVar("State")
Event = TypeVar("Event")


@attrs.frozen
class Decider(Generic[Command, State, Event]):
    """`decide` may refuse with a `DomainError`; `evolve` never refuses: a fact has already happened."""

    initial: State
    decide: Callable[[Command, State], Sequence[Event]]
    evolve: Callable[[State, Event], State]

    def fold(self, events: Iterable[Event], state: State | None = None) -> State:
        """The state after `events`, from `state` or from the beginning."""
        return reduce(self.evolve, events, self.initial if state is None else state)
