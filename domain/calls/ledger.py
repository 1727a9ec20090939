"""The calls of one checkout: which were meant to be made, and what became of each.

Whoever appends the intent makes the call, so that of two that try only one does. What the service itself
said of an attempt stands above what a person found out about it, however late it is told.
"""

from domain.calls.commands import CallCommand
from domain.calls.deciding import decide
from domain.calls.events import CallEvent
from domain.calls.evolving import evolve
from domain.calls.states import CallLedger
from domain.decider import Decider

CALLS: Decider[CallCommand, CallLedger, CallEvent] = Decider(CallLedger(), decide, evolve)
