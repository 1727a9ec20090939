"""`comptoir workers`: the saga as a table."""

from collections.abc import Mapping

from rich.console import RenderableType
from rich.text import Text

from domain.checkout.events import CheckoutEvent
from domain.checkout.saga import ALL_FACTS, SAGA, Step
from entrypoints.commands.look import WIDE_COLUMNS, above, note, table
from entrypoints.commands.parameters import Json
from entrypoints.commands.session import Here
from entrypoints.up.run_file import running_instance

EVERY_FACT = "every fact"


def workers(*, json: Json = False, here: Here) -> None:
    """List the workers: what wakes each, and what it answers."""
    instance = running_instance(here.settings.data_dir)
    url = instance.url if instance else None
    ports = {step.worker: here.settings.metrics_port_of(step.worker) for step in SAGA}
    if instance:
        ports |= instance.metrics_ports
    wire = {"instance": url, "workers": [_wire(step, ports[step.worker]) for step in SAGA]}
    whose = f"ports of the instance at {url}" if url else "nothing runs here; ports that it would begin with"

    def view() -> RenderableType:
        return above(_view(ports, wide=here.console.width >= WIDE_COLUMNS), note(whose))

    here.answer(wire, view, as_json=json)


def _wire(step: Step, metrics_port: int) -> dict[str, object]:
    return {
        "worker": step.worker,
        "group": step.group,
        "does": step.does,
        "on": [fact.__name__ for fact in step.on],
        "answers": [fact.__name__ for fact in step.answers],
        "metrics_port": metrics_port,
    }


def _view(ports: Mapping[str, int], *, wide: bool) -> RenderableType:
    whole = ("wakes on", "answers with", "metrics")
    made = table("worker, group", *(["does"] if wide else []), *whole, whole=whole)
    for step in SAGA:
        name = Text.assemble((step.worker, "bold cyan"), "\n", (step.group, "dim"))
        does = [Text(step.does)] if wide else []
        if not wide:
            name.append(f"\n{step.does}")
        port = str(ports[step.worker])
        made.add_row(name, *does, _facts(step.on), _facts(step.answers), port, end_section=True)
    return made


def _facts(facts: tuple[type[CheckoutEvent], ...]) -> str:
    if facts == ALL_FACTS:
        return EVERY_FACT
    return "\n".join(fact.__name__ for fact in facts) or "-"
