"""The commands that run the service, or a part of it. Each runs until SIGTERM or Ctrl-C."""

from typing import Annotated

from cyclopts import Parameter

from entrypoints.commands.parameters import flag
from entrypoints.commands.session import Here
from entrypoints.hidden import hidden
from entrypoints.process import imported

InMemory = Annotated[bool, flag("--in-memory", "All in one process; nothing is kept.")]
WorkerName = Annotated[str, Parameter(name="NAME", help="One of those that `comptoir workers` lists.")]


def up(*, in_memory: InMemory = False, here: Here) -> int:
    """Start everything: the server, the API and the workers."""
    if in_memory:
        from entrypoints.in_memory import run_in_memory

        return run_in_memory(here.settings)
    with hidden():
        from entrypoints.up.supervisor import run_everything

    return run_everything(here.settings)


def api(*, here: Here) -> int:
    """Run the HTTP API alone."""
    return imported(["api"])(here.settings)


def event_store(*, here: Here) -> int:
    """Run the event store API alone: replay, listing, the read models. It reads and never writes."""
    return imported(["event-store"])(here.settings)


def worker(name: WorkerName, /, *, here: Here) -> int:
    """Run one worker. Several of the same name share its work."""
    return imported(["worker", name])(here.settings)
