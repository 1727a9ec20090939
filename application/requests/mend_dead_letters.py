"""What an operator asks for: see what was set aside, have it tried again, or let it be."""

from collections.abc import Sequence

import attrs

from application.events.origin import NO_ORIGIN, Origin
from application.events.streams import CHECKOUTS
from application.ports.clock import Clock
from application.ports.dead_letters import DeadLetters, Decision, KeptDelivery, Redrive, Wanted
from application.ports.positions import parse
from application.requests.who_and_why import check_said
from domain.errors import InvalidValue

REDRIVE_MAX = 1_000  # in one go


@attrs.frozen
class DeadLetterDesk:
    """Dead letters of the checkout stream. Every method raises `Unavailable` where the port does."""

    dead_letters: DeadLetters
    clock: Clock

    def page(
        self, wanted: Wanted, *, count: int, after: str | None = None
    ) -> tuple[list[KeptDelivery], str | None]:
        """A page of those wanted, oldest first, and the cursor for more.

        Raises:
            InvalidPosition: `after` is no cursor.
        """
        return self.dead_letters.page(CHECKOUTS, wanted, count=count, after=after)

    def get(self, id: str) -> KeptDelivery | None:
        """One dead letter, with everything that is known of it."""
        return self.dead_letters.get(CHECKOUTS, id)

    def redrive(
        self, ids: Sequence[str], *, actor: str, reason: str = "", origin: Origin = NO_ORIGIN
    ) -> dict[str, Redrive]:
        """Have these tried again by their groups, in the order of the stream; what became of each. What
        comes of it carries the origin of the event; that of the request is noted with the decision.

        Raises:
            InvalidValue: too many at once, or an actor or a reason outside its limits.
        """
        if len(ids) > REDRIVE_MAX:
            raise InvalidValue("ids", f"must be at most {REDRIVE_MAX}")
        decision = self._decision(actor, reason, origin, reason_needed=False)
        known = {id_: kept for id_ in ids if (kept := self.get(id_)) is not None}
        answers: dict[str, Redrive] = {id_: "unknown" for id_ in ids if id_ not in known}
        for kept in sorted(known.values(), key=lambda kept: parse(kept.position)):
            answers[kept.id] = self.dead_letters.redrive(CHECKOUTS, kept.id, decision)
        return answers

    def redrive_all(
        self, wanted: Wanted, *, actor: str, reason: str = "", origin: Origin = NO_ORIGIN
    ) -> dict[str, Redrive]:
        """Have all of those wanted tried again, up to `REDRIVE_MAX`.

        Raises:
            InvalidValue: an actor or a reason outside its limits.
        """
        ids: list[str] = []
        after: str | None = None
        while len(ids) < REDRIVE_MAX:
            page, after = self.page(wanted, count=REDRIVE_MAX - len(ids), after=after)
            ids += [kept.id for kept in page]
            if after is None:
                break
        return self.redrive(ids, actor=actor, reason=reason, origin=origin)

    def discard(self, id: str, *, actor: str, reason: str, origin: Origin = NO_ORIGIN) -> bool:
        """Note that nothing more is to be done, and why; False where it is unknown or decided.

        Raises:
            InvalidValue: no reason, or an actor or a reason outside its limits.
        """
        decision = self._decision(actor, reason, origin, reason_needed=True)
        return self.dead_letters.discard(CHECKOUTS, id, decision)

    def _decision(self, actor: str, reason: str, origin: Origin, *, reason_needed: bool) -> Decision:
        check_said(actor, reason, reason_needed=reason_needed)
        return Decision(
            actor=actor, reason=reason, at_s=self.clock.now_s(), correlation_id=origin.correlation_id
        )
