"""`comptoir workers`: the saga as a table."""

from rich.console import RenderableType
from rich.text import Text

from domain.checkout.events import CheckoutEvent
from domain.checkout.saga import ALL_FACTS, SAGA, Step
from entrypoints.commands.look import WIDE_COLUMNS, table
from entrypoints.commands.parameters import Json
from entrypoints.commands.session import Here
from entrypoints.settings import Settings

EVERY_FACT = "every fact"


def workers(*, json: Json = False, here: Here) -> None:
    """List the workers: what wakes each, and what it answers."""
    settings = here.settings
    wire = {"workers": [_wire(step, settings) for step in SAGA]}
    wide = here.console.width >= WIDE_COLUMNS
    here.answer(wire, lambda: _view(settings, wide=wide), as_json=json)


def _wire(step: Step, settings: Settings) -> dict[str, object]:
    return {
        "worker": step.worker,
        "group": step.group,
        "does": step.does,
        "on": [fact.__name__ for fact in step.on],
        "answers": [fact.__name__ for fact in step.answers],
        "metrics_port": settings.metrics_port_of(step.worker),
    }


def _view(settings: Settings, *, wide: bool) -> RenderableType:
    whole = ("wakes on", "answers with", "metrics")
    made = table("worker, group", *(["does"] if wide else []), *whole, whole=whole)
    for step in SAGA:
        name = Text.assemble((step.worker, "bold cyan"), "\n", (step.group, "dim"))
        does = [Text(step.does)] if wide else []
        if not wide:
            name.append(f"\n{step.does}")
        port = str(settings.metrics_port_of(step.worker))
        made.add_row(name, *does, _facts(step.on), _facts(step.answers), port, end_section=True)
    return made


def _facts(facts: tuple[type[CheckoutEvent], ...]) -> str:
    if facts == ALL_FACTS:
        return EVERY_FACT
    return "\n".join(fact.__name__ for fact in facts) or "-"
