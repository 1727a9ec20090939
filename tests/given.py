"""Deciders, tested by their past facts, a command, and the facts that follow:

given(CHECKOUT, INITIATED, RESERVED).when(Expire(now_s=9.0)).then(EXPIRED)
"""

from typing import Generic, TypeVar

import attrs
import pytest

from domain.decider import Decider
from domain.errors import DomainError

Command = TypeVar("Command")
State = TypeVar("State")
Event = TypeVar("Event")


@attrs.frozen
class When(Generic[Command, State, Event]):
    """A command on a state; nothing is decided yet."""

    decider: Decider[Command, State, Event]
    state: State
    command: Command

    def then(self, *facts: Event) -> None:
        """It is answered with exactly these; with nothing, where none are given."""
        assert tuple(self.decider.decide(self.command, self.state)) == facts

    def then_refused(self, refusal: DomainError) -> None:
        """It is refused, for this reason and with this data."""
        with pytest.raises(type(refusal)) as refused:
            self.decider.decide(self.command, self.state)
        assert attrs.astuple(refused.value) == attrs.astuple(refusal)  # type: ignore[arg-type]  # every DomainError is an attrs class


@attrs.frozen
class Given(Generic[Command, State, Event]):
    """What has become of an aggregate."""

    decider: Decider[Command, State, Event]
    state: State

    def when(self, command: Command) -> When[Command, State, Event]:
        """`command` is put to it."""
        return When(self.decider, self.state, command)

    def then_it_is(self, state: State) -> None:
        """The facts folded into exactly this."""
        assert self.state == state


def given(decider: Decider[Command, State, Event], *facts: Event) -> Given[Command, State, Event]:
    """An aggregate after `facts`."""
    return Given(decider, decider.fold(facts))
