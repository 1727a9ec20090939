"""Question: why does a checkout stand as it does, what is next, and what can be done? Reads, never writes."""

from collections.abc import Sequence

import attrs

from application.events.streams import CALLS
from application.ports.dead_letters import DeadLetterReader
from application.ports.event_store import EventReader
from application.ports.group_progress import GroupProgress
from application.ports.positions import parse
from application.questions.checkout_troubles import Trouble
from application.questions.replay_checkout import CheckoutReplayer, Replay, moment
from application.questions.show_calls import CallView, views_of
from application.questions.whose_turn import Next, TurnTeller, woken_by
from domain.checkout.saga import SAGA


@attrs.frozen(kw_only=True)
class Explanation:
    """What is next and the troubles are as of now, and left out where an earlier moment was asked for."""

    replay: Replay
    calls: Sequence[CallView]
    troubles: Sequence[Trouble] = ()
    next: Next | None = None


@attrs.frozen
class CheckoutExplainer:
    """It holds no port that can write."""

    replayer: CheckoutReplayer
    store: EventReader
    progress: GroupProgress
    dead_letters: DeadLetterReader

    def explain(self, checkout_id: str, *, as_of: str | None = None) -> Explanation | None:
        """The checkout as `CheckoutReplayer.replay` has it, and all that is known around it.

        Raises:
            InvalidPosition: `as_of` is neither a position nor a time.
            Unavailable: ask again later.
        """
        replay = self.replayer.replay(checkout_id, as_of=as_of)
        if replay is None:
            return None
        history = [event.recorded for event in replay.events]
        (notes,) = self.store.read(CALLS, [checkout_id])
        if as_of is not None:
            until = moment(as_of)
            notes = [note for note in notes if parse(note.position) <= until]
        calls = views_of(notes, history)
        if as_of is not None:
            return Explanation(replay=replay, calls=calls)
        teller = TurnTeller(self.progress, self.dead_letters)
        deliveries = teller.deliveries(woken_by(history, SAGA))
        return Explanation(
            replay=replay,
            calls=calls,
            troubles=[trouble for delivery in deliveries for trouble in delivery.troubles()],
            next=teller.next(history, calls, deliveries),
        )
