"""What is shown of calls to existing services."""

from collections.abc import Sequence
from typing import Final

from rich.console import RenderableType
from rich.text import Text

from adapters.http.rendering.calls import why_of
from application.calls.settle_doubts import Settled
from application.questions.show_calls import CallView
from domain.calls.states import InDoubt, service_of, standing_of
from entrypoints.commands.durations import in_words
from entrypoints.commands.look import above, heading, more_after, note, sentence, table, titled
from entrypoints.commands.views.story import what_it_says
from entrypoints.commands.wording import count_of, date_and_time, plain

REASON_CHARS_MAX: Final = 500
_COLOURS: Final = {"done": "green", "in doubt": "red", "refused": "yellow"}


def listed(found: Sequence[CallView], more: str | None, now_s: float) -> RenderableType:
    further = more_after(more)
    if not found:
        return above(note("no call is in doubt here"), further)
    made = table("id", "asked for", "stands", "for", "why", right=("for",), whole=("id",))
    for view in found:
        made.add_row(
            Text(plain(view.id), "cyan"),
            _asked(view),
            _standing(view),
            in_words(now_s - view.since_s),
            plain(why_of(view) or "-"),
        )
    return above(made, further or note(f"all that is known of one: comptoir calls show {found[0].id}"))


def _asked(view: CallView) -> str:
    """What the service was asked for, in a few words."""
    wanted = view.call.wanted
    what = f"{count_of(wanted.units, 'unit')} of {plain(wanted.produit_id)}" if wanted.units else ""
    sale = f"sale {plain(wanted.vente_id)}" if wanted.vente_id else ""
    return f"{service_of(wanted.operation)}: {wanted.operation} {what or sale}".strip()


def whole(view: CallView) -> RenderableType:
    wanted, checkout, follows = view.call.wanted, view.checkout, view.follows
    facts: list[tuple[str, RenderableType]] = [
        ("asked for", _asked(view)),
        ("for client", plain(checkout.client_id)),
        ("key", wanted.key),
        ("attempt", str(view.call.attempt)),
        ("since", date_and_time(view.since_s)),
        ("heard", plain(why_of(view) or "-", chars_max=REASON_CHARS_MAX)),
        ("checkout", Text.assemble((plain(checkout.checkout_id), "cyan"), f", stands at {checkout.step}")),
    ]
    if view.call.surplus:
        facts.append(("in vain", f"it happened {count_of(view.call.surplus, 'time')} more than it should"))
    if follows:
        facts += [("if it happened", follows.if_happened), ("if it did not", follows.if_not)]
    notes: list[tuple[str, RenderableType]] = [
        (date_and_time(noted.recorded_at_s), f"{noted.type}: {what_it_says(noted.event)}")
        for noted in view.notes
    ]
    return above(
        titled(heading("call", view.id, _standing(view)), facts),
        titled(Text("noted", "bold"), notes),
        note(_how_to_decide(view)) if follows else None,
    )


def _how_to_decide(view: CallView) -> str:
    sale = " --vente-id SALE" if view.call.wanted.operation == "enter" else ""
    return (
        f"look in the service, then: comptoir calls settle {view.id} --happened{sale} | --did-not-happen"
        " --reason WHY"
    )


def settled(settled: Settled) -> RenderableType:
    view = settled.view
    before = "" if settled.changed else " before; nothing was changed"
    said = sentence(heading("call", view.id), f" is {standing_of(view.call)}{before}", fresh=settled.changed)
    return above(said, note(f"what becomes of it: comptoir checkout show {view.checkout.checkout_id}"))


def _standing(view: CallView) -> Text:
    standing = standing_of(view.call)
    style = "bold red" if isinstance(view.call.standing, InDoubt) else _COLOURS.get(standing, "dim")
    return Text(standing, style)
