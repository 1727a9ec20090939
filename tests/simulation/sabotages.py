"""One line of the code at a time, made wrong: each must be caught, or the laws prove nothing.

`make sabotage` runs them all; `caught_by` names the laws that may notice, the likeliest first. Where one line
is the second line of defence behind another, it is sabotaged together with that.
"""

from typing import Final

import attrs

from tests.simulation.laws import (
    AUDITED,
    DEAD_LETTERS,
    EVENT_IDS,
    FAIR_REFUSAL,
    GIVEN_UP,
    HELD_ONCE,
    NEVER_OVERSOLD,
    NO_BUG,
    NO_EARLY_EXPIRY,
    NO_HOLD_OUTLIVES,
    NOT_STUCK,
    ONE_END,
    READ_MODEL,
    SAME_ANSWER,
    STOCK_ANSWER,
    STUCK_SHOWN,
    TAKEN_OVER,
    TOLD,
    VERSIONS,
)
from tests.simulation.laws_elsewhere import NO_DOUBT_LEFT, NO_SECOND_EFFECT, NOTHING_LEFT, SALES


@attrs.frozen
class Change:
    """`old` is in `file` exactly once."""

    file: str
    old: str
    new: str


@attrs.frozen
class Sabotage:
    """One change of the code, and another where that alone is harmless."""

    name: str
    file: str
    old: str
    new: str
    caught_by: tuple[str, ...]
    also: tuple[Change, ...] = ()
    existing: bool = False
    """Whether it is looked for where stock and orders are kept by existing services."""

    @property
    def changes(self) -> tuple[Change, ...]:
        return (Change(self.file, self.old, self.new), *self.also)


REFUSE_NOTHING: Final = Change(
    "application/steps/stock_holds.py",
    "to_do = [d for d in demands if not isinstance(firsts.get(d.checkout_id), UnitsRefused)]",
    "to_do = [d for d in demands if d.checkout_id in taken]",
)
"""What a compensation that finds nothing held then leaves undone: a hold may come late."""


SABOTAGES: Final = (
    Sabotage(
        "drop the version check of the store",
        "adapters/inmemory/event_store.py",
        "    return log.version(write.entity) != write.expected_version",
        "    return False",
        (VERSIONS, NEVER_OVERSOLD, STOCK_ANSWER, ONE_END),
    ),
    Sabotage(
        "trust a version that somebody else's event has made",
        "adapters/inmemory/event_store.py",
        "if write.snapshot is not None and write.entity in left_out:",
        "if False:",
        (STOCK_ANSWER, NEVER_OVERSOLD, FAIR_REFUSAL),
    ),
    Sabotage(
        "write an event id a second time",
        "adapters/inmemory/event_store.py",
        "        if known:",
        "        if known and False:",
        (EVENT_IDS, VERSIONS, NO_BUG, SAME_ANSWER),
    ),
    Sabotage(
        "keep no snapshot",
        "adapters/inmemory/event_store.py",
        "if write.snapshot is not None:",
        "if write.snapshot is not None and not index:",
        (STOCK_ANSWER, NEVER_OVERSOLD, FAIR_REFUSAL),
    ),
    Sabotage(
        "start a lost group at the end of the stream",
        "adapters/inmemory/log.py",
        "self.groups[name] = Group(self.checkpoints.get(name, (0, 0)))",
        "self.groups[name] = Group(self.last)",
        (NOT_STUCK, AUDITED, TOLD, READ_MODEL),
    ),
    Sabotage(
        "save the cursor as checkpoint, past what is pending",
        "adapters/inmemory/event_bus.py",
        "checkpoint = group.cursor if oldest is None else _just_before(oldest)",
        "checkpoint = group.cursor",
        (AUDITED, NOT_STUCK, TOLD, READ_MODEL, DEAD_LETTERS),
    ),
    Sabotage(
        "forget what was handed out",
        "adapters/inmemory/event_bus.py",
        "oldest = sorted(pending, key=place_of)[:count]",
        "oldest = sorted(pending, key=place_of)[:0]",
        (NOT_STUCK,),
    ),
    Sabotage(
        "adopt an entry of another program twice",
        "adapters/inmemory/log.py",
        "return known.setdefault(position, (position, len(known) + 1))[1], is_new",
        "known[position] = (position, len(known) + 1); return known[position][1], is_new",
        (VERSIONS,),
    ),
    Sabotage(
        "let an older row replace a newer one",
        "adapters/inmemory/read_model.py",
        "if known is None or known.version < row.version:",
        "if known is None or known.version != row.version:",
        (READ_MODEL,),
    ),
    Sabotage(
        "audit without looking for what is there",
        "adapters/inmemory/audit_log.py",
        "self._entries.setdefault(parse(entry.position), entry)",
        "self._entries[len(self._entries), 0] = entry",
        (AUDITED,),
    ),
    Sabotage(
        "mark nothing in the inbox",
        "application/steps/notify_client.py",
        "self._inbox.mark(self._group, sent)",
        "pass",
        (TOLD,),
    ),
    Sabotage(
        "mark what could not be sent",
        "application/steps/notify_client.py",
        "for position, notice in notices.items() if notice.key not in untold]",
        "for position, notice in notices.items()]",
        (TOLD,),
    ),
    Sabotage(
        "acknowledge before handling",
        "application/worker/attempts.py",
        "        failures = self._handle(mine) if mine else {}",
        "        self._bus.acknowledge(self._subscription, [d.position for d in deliveries])\n"
        "        failures = self._handle(mine) if mine else {}",
        (AUDITED, NOT_STUCK, TOLD, READ_MODEL, DEAD_LETTERS, NO_HOLD_OUTLIVES),
    ),
    Sabotage(
        "claim from no other consumer",
        "application/worker/loop.py",
        "            return self._policy.claim_idle_ms",
        "            return 10**15",
        (NOT_STUCK,),
    ),
    Sabotage(
        "claim without waiting",
        "adapters/inmemory/event_bus.py",
        "if held is None or self._idle_ms(held) < min_idle_ms:",
        "if held is None:",
        (TAKEN_OVER,),
    ),
    Sabotage(
        "take an outage for a last attempt",
        "application/worker/attempts.py",
        "            return False  # an outage is nobody's fault in particular",
        "            return True",
        (DEAD_LETTERS,),
    ),
    Sabotage(
        "acknowledge what has failed",
        "application/worker/attempts.py",
        "done = [d.position for d in deliveries if d.position not in failures]",
        "done = [d.position for d in deliveries]",
        (DEAD_LETTERS, NOT_STUCK, TOLD),
    ),
    Sabotage(
        "derive a random event id",
        "application/events/event_ids.py",
        'cause = f"{event_id}\\n{group}\\n{ordinal}".encode()',
        'cause = __import__("random").randbytes(9)',
        (NO_HOLD_OUTLIVES, SAME_ANSWER, HELD_ONCE, NO_BUG),
    ),
    Sabotage(
        "derive the id of a hold from the delivery",
        "application/steps/saga_step.py",
        "cause=cause, checkout=checkout, version=len(history), start_id=history[0].event_id",
        "cause=cause, checkout=checkout, version=len(history), start_id=cause.event_id",
        (NO_HOLD_OUTLIVES, HELD_ONCE, FAIR_REFUSAL),
    ),
    Sabotage(
        "take a duplicate answer for one's own, and refuse no hold for good",
        "application/steps/saga_step.py",
        "            if not isinstance(outcome, Appended)",
        '            if type(outcome).__name__ == "Conflict"',
        (NO_HOLD_OUTLIVES,),
        also=(REFUSE_NOTHING,),
    ),
    Sabotage(
        "never decide again after a conflict",
        "application/steps/saga_step.py",
        "            cases = load_cases(self._store, [case.cause for case in moved], failures)",
        "            cases = []",
        (NO_HOLD_OUTLIVES, NOT_STUCK),
    ),
    Sabotage(
        "do not release on a lost race, and refuse no hold for good",
        "application/steps/reserve_stock.py",
        "if (units := units_to_give_back(case.checkout))",
        "if (units := {})",
        (NO_HOLD_OUTLIVES,),
        also=(REFUSE_NOTHING,),
    ),
    Sabotage(
        "count an attempt that an outage has cut short",
        "application/worker/attempts.py",
        "            self._bus.forgive(self._subscription, deliveries)",
        "            pass",
        (DEAD_LETTERS,),
    ),
    Sabotage(
        "give up a compensation without a word",
        "application/steps/compensate.py",
        "for event in CHECKOUT.decide(GiveUp(reason=reason), case.checkout)",
        "for event in ()",
        (GIVEN_UP, NOT_STUCK),
    ),
    Sabotage(
        "take another program's late end for one",
        "application/steps/expire_checkout.py",
        "            elif heading.causation_id is None:",
        "            elif False:",
        (STUCK_SHOWN,),
    ),
    Sabotage(
        "let a checkout expire whatever an operator has said",
        "domain/checkout/deciding.py",
        "    if checkout.deadline is not None and checkout.deadline.is_after(now_s):",
        "    if False:",
        (NO_EARLY_EXPIRY,),
    ),
    Sabotage(
        "refuse a cart for the units it holds itself",
        "application/steps/stock_holds.py",
        "return {id_: () if id_ in held else shortages for id_, shortages in refused.items()}",
        "return refused",
        (FAIR_REFUSAL,),
    ),
    Sabotage(
        "refuse a cart for units that the one before did not get",
        "application/steps/stock_holds.py",
        "        if all(isinstance(outcome, Appended) for outcome in outcomes):",
        "        if True:",
        (FAIR_REFUSAL,),
    ),
    Sabotage(
        "give back under an id that is new each time",
        "application/steps/stock_holds.py",
        "ids.append(caused_by(hold_id, _RELEASER, 0))",
        'ids.append(caused_by(hold_id, _RELEASER, __import__("random").randrange(10**9)))',
        (HELD_ONCE,),
    ),
    Sabotage(
        "let a later outcome win",
        "domain/checkout/evolving.py",
        "        case CompensationFailed(), Compensating():",
        "        case CheckoutSucceeded(), _:\n"
        "            return Succeeded(checkout_id=checkout.checkout_id, client_id=checkout.client_id,"
        " cart=checkout.cart, commande_id=event.commande_id)\n"
        "        case CompensationFailed(), Compensating():",
        (NOT_STUCK, READ_MODEL, NO_HOLD_OUTLIVES),
    ),
    Sabotage(
        "take a second start for a new beginning",
        "domain/checkout/evolving.py",
        "        if not isinstance(checkout, NotStarted):",
        "        if False:",
        (ONE_END, NOT_STUCK, READ_MODEL, NO_HOLD_OUTLIVES),
    ),
    Sabotage(
        "sell units that are not there",
        "domain/inventory/stock_item.py",
        "            if units > item.units_free:",
        "            if units > item.units_free + 1:",
        (NEVER_OVERSOLD,),
    ),
    Sabotage(
        "count the deadline from the writer's clock",
        "application/steps/expire_checkout.py",
        "since_s[heading.entity] = heading.recorded_at_s",
        "since_s[heading.entity] = getattr(heading, 'emitted_at_s', heading.recorded_at_s)",
        (NO_EARLY_EXPIRY,),
    ),
    Sabotage(
        "forget a deadline before it is dealt with",
        "application/steps/expire_checkout.py",
        "        due = self._deadlines.due(now_s, count=DUE_MAX)",
        "        due = self._deadlines.due(now_s, count=DUE_MAX); self._deadlines.cancel(due)",
        (NOT_STUCK,),
    ),
    Sabotage(
        "end a failure without giving back",
        "application/steps/compensate.py",
        "if not _is_our_end(case) and (units := units_to_give_back(case.checkout))",
        "if not _is_our_end(case) and (units := {})",
        (NO_HOLD_OUTLIVES,),
    ),
    Sabotage(
        "believe another program's order without reading the history",
        "application/steps/project_orders.py",
        "            and first.causation_id is not None",
        "            and True",
        (READ_MODEL,),
    ),
    Sabotage(
        "call again what an existing service may have done",
        "application/calls/checkout_calls.py",
        "            kind = CallUnanswered if is_safe else CallInDoubt",
        "            kind = CallNotMade",
        (NO_SECOND_EFFECT, NOTHING_LEFT, SALES),
        existing=True,
    ),
    Sabotage(
        "hold every existing service for one that knows its keys",
        "application/calls/checkout_calls.py",
        "    return service.repeatable or wanted.operation in SAFE_TO_REPEAT",
        "    return True",
        (NO_SECOND_EFFECT, NOTHING_LEFT, SALES),
        existing=True,
    ),
    Sabotage(
        "begin to give back while calls may still be begun",
        "application/calls/undoing_calls.py",
        "    calls.close()",
        "    pass",
        (NOTHING_LEFT, SALES),
        existing=True,
    ),
    Sabotage(
        "leave with the existing service what was found out by hand",
        "application/calls/undoing_calls.py",
        "                case Done() as done:",
        "                case Done(by_hand=False) as done:",
        (NOTHING_LEFT, SALES),
        existing=True,
    ),
    Sabotage(
        "keep in the register of doubts what was answered after all",
        "application/calls/call_notes.py",
        "            if was_in_doubt or isinstance(outcome, CallInDoubt):",
        "            if isinstance(outcome, CallIntended):",
        (NO_DOUBT_LEFT,),
        existing=True,
    ),
)
