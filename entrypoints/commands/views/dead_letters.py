"""What is shown of dead letters."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import RenderableType
from rich.text import Text

from application.ports.dead_letters import KeptDelivery, Redrive
from application.requests.mend_dead_letters import REDRIVE_MAX
from entrypoints.commands.look import WIDE_COLUMNS, above, heading, more_after, note, sentence, table, titled
from entrypoints.commands.wording import count_of, date_and_time, day_and_time, plain

FIELD_CHARS_MAX: Final = 2_000
TRACEBACK_LINES_MAX: Final = 30
_COLOURS: Final = {"open": "yellow", "redriven": "green", "discarded": "dim"}


def listed(found: Sequence[KeptDelivery], more: str | None, columns: int) -> RenderableType:
    further = more_after(more)
    if not found:
        return above(note("no dead letters here"), further)
    wide = columns >= WIDE_COLUMNS
    decided = wide or any(kept.state != "open" for kept in found)
    about = [*(["state"] if decided else []), *(["set aside", "checkout"] if wide else [])]
    tries = ["tries"] if wide else []
    made = table("id", *about, "group, event", *tries, "reason", right=tries, whole=("id", "group, event"))
    for kept in found:
        made.add_row(*_row(kept, decided=decided, wide=wide))
    return above(made, further or note(f"all that is known of one: comptoir dead-letters show {found[0].id}"))


def _row(kept: KeptDelivery, *, decided: bool, wide: bool) -> list[RenderableType]:
    when, checkout = Text(day_and_time(kept.set_aside_at_s)), Text(plain(kept.checkout_id or "-"), "cyan")
    return [
        Text(kept.id, "dim"),
        *([_state(kept)] if decided else []),
        *([when, checkout] if wide else []),
        Text.assemble(kept.group, ("\n" + plain(kept.type or "no type"), "dim")),
        *([str(kept.attempts)] if wide else []),
        Text(plain(kept.reason), "red"),
    ]


def whole(kept: KeptDelivery) -> RenderableType:
    original: list[tuple[str, RenderableType]] = [
        (plain(name), plain(value, chars_max=FIELD_CHARS_MAX)) for name, value in kept.original.items()
    ]
    return above(
        titled(heading("dead letter", kept.id, _state(kept)), _facts(kept)),
        titled(Text("the entry", "bold"), original),
        _traceback(kept),
    )


def _facts(kept: KeptDelivery) -> list[tuple[str, RenderableType]]:
    tried = count_of(kept.attempts, "attempt")
    facts: list[tuple[str, RenderableType]] = [
        ("group", kept.group),
        ("type", plain(kept.type or "no type")),
        ("checkout", Text(plain(kept.checkout_id or "-"), "cyan")),
        ("position", kept.position),
        ("set aside", f"{date_and_time(kept.set_aside_at_s)}, after {tried}"),
        ("reason", Text(plain(kept.reason, chars_max=FIELD_CHARS_MAX), "red")),
        ("first error", plain(kept.first_error, chars_max=FIELD_CHARS_MAX)),
    ]
    if kept.last_error != kept.first_error:
        facts.append(("last error", plain(kept.last_error, chars_max=FIELD_CHARS_MAX)))
    if kept.decision is not None:
        when = date_and_time(kept.decision.at_s)
        facts.append(("decided", f"{when}{by(kept)}: {plain(kept.decision.reason or '-')}"))
    return facts


def _traceback(kept: KeptDelivery) -> RenderableType | None:
    if not kept.traceback:
        return None
    lines = kept.traceback.splitlines()
    left_out = len(lines) - TRACEBACK_LINES_MAX
    shown = [f"… {count_of(left_out, 'line')} more with --json", ""] if left_out > 0 else []
    shown += [plain(line) for line in lines[-TRACEBACK_LINES_MAX:]]
    return Text("\n".join(shown), "dim")


def redriven(answers: Mapping[str, Redrive], *, every: bool) -> RenderableType:
    if not answers:
        return note("no dead letters here")
    number = Counter(answers.values())["redriven"]
    whole = f"{number:,} of {count_of(len(answers), 'dead letter')} to be tried again"
    said = sentence(whole, fresh=number == len(answers))
    made = table("id", "what became of it")
    for id_, outcome in answers.items():
        made.add_row(Text(id_, "dim"), Text(outcome, "green" if outcome == "redriven" else "red"))
    full = every and len(answers) == REDRIVE_MAX
    return above(said, made, note("that is as many as go at once; repeat it for more") if full else None)


def discarded(kept: KeptDelivery) -> RenderableType:
    return sentence(heading("dead letter", kept.id), f" discarded{by(kept)}")


def _state(kept: KeptDelivery) -> Text:
    return Text(kept.state, _COLOURS[kept.state])


def by(kept: KeptDelivery) -> str:
    return f" by {plain(kept.decision.actor)}" if kept.decision else ""
