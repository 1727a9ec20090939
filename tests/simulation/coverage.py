"""The kinds of trouble that the laws are put to, and how often each came."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from tests.simulation.weather import Fault

REORDERED: Final = "an older delivery is handed out after a newer one"
TAKEN_OVER: Final = "a delivery is claimed from another consumer"
ZOMBIE: Final = "a consumer past the claim time goes on with what another has claimed"
SHARED: Final = "two consumers of a group share its deliveries"
STORE_AWAY: Final = "the event store is out of order for a while"
STORE_AWAY_LONG: Final = "an outage cuts an attempt short more often than a killer may kill"
CONFLICT: Final = "an append finds that its entity has moved on"
RACE: Final = "a deadline races a step"
FOREIGN: Final = "another program writes an entry"
MALFORMED: Final = "a vandal writes a malformed entry"
INTERVENED: Final = "an operator steps in"
POSTPONED: Final = "a deadline is postponed"
LIFTED: Final = "a deadline is lifted"
EXPIRED: Final = "a checkout expires"
STUCK: Final = "a compensation fails for good"
SEEN_TO: Final = "an operator sees to a stuck checkout"
BY_HAND: Final = ("StepRetried", "CompensationForced", "CheckoutResolved")
SET_ASIDE: Final = "a delivery is set aside"
REDRIVEN: Final = "a dead letter is redriven while its group works"
DISCARDED: Final = "a dead letter is discarded"

KINDS: Final = (
    *(fault.value for fault in Fault),
    *(REORDERED, TAKEN_OVER, ZOMBIE, SHARED, STORE_AWAY, STORE_AWAY_LONG, CONFLICT, RACE),
    *(FOREIGN, MALFORMED, INTERVENED, POSTPONED, LIFTED, EXPIRED, STUCK, SEEN_TO),
    *(SET_ASIDE, REDRIVEN, DISCARDED),
)
CALLS: Final = (
    *(f"event_store.{call}" for call in ("append", "read", "snapshots", "find")),
    *(f"event_bus.{call}" for call in ("join", "receive", "acknowledge", "pending", "claim", "forgive")),
    *(f"event_bus.{call}" for call in ("set_aside", "save_checkpoint", "backlog", "forget_idle_consumers")),
    *(f"deadlines.{call}" for call in ("schedule", "postpone", "cancel", "due")),
    *(f"open_checkouts.{call}" for call in ("opened", "ended")),
    *("event_reader.read", "read_model.apply", "audit_log.keep"),
    *("inbox.unseen", "inbox.mark", "notifier.notify"),
)
"""Of workers."""
AT_EACH_CALL: Final = (Fault.CRASH_BEFORE.value, Fault.CRASH_AFTER.value, Fault.ANSWER_LOST.value)


def at(fault: str, call: str) -> str:
    """How a fault at a call of a port is counted, besides its kind."""
    return f"{fault}: {call}"


def table(happened: Counter[str]) -> Iterator[str]:
    """One line a kind, and one of crashes a call of a port, for people."""
    for kind in KINDS:
        yield f"{happened[kind]:>9,}  {kind}"
    yield "crashes before and after each call of a port, and answers lost:"
    for call in sorted({kind.partition(": ")[2] for kind in happened if ": " in kind}):
        counts = "  ".join(f"{happened[at(fault, call)]:>7,}" for fault in AT_EACH_CALL)
        yield f"{counts}  {call}"
