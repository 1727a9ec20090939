"""The commands that run the service, or a part of it. Each runs until SIGTERM or Ctrl-C."""

from difflib import get_close_matches
from typing import Annotated

import attrs
from cyclopts import Parameter

from domain.checkout.saga import STEPS
from entrypoints.commands.connection import server_url
from entrypoints.commands.endings import Ended
from entrypoints.commands.parameters import flag
from entrypoints.commands.session import Here
from entrypoints.exit_codes import ExitCode
from entrypoints.settings import Settings

InMemory = Annotated[bool, flag("--in-memory", "All in one process; nothing is kept.")]
WorkerName = Annotated[str, Parameter(name="NAME", help="One of those that `comptoir workers` lists.")]


def up(*, in_memory: InMemory = False, here: Here) -> int:
    """Start everything: the server, the API and the workers."""
    if in_memory:
        from entrypoints.in_memory import run_in_memory

        return run_in_memory(here.settings)
    from entrypoints.supervisor import run_everything

    return run_everything(here.settings)


def api(*, here: Here) -> int:
    """Run the HTTP API alone."""
    from entrypoints.api import serve

    return serve(_with_a_server(here))


def worker(name: WorkerName, /, *, here: Here) -> int:
    """Run one worker. Several of the same name share its work."""
    if name not in STEPS:
        near = get_close_matches(name, STEPS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(STEPS)}"
        raise Ended(ExitCode.USAGE, f"there is no worker {name}; {hint}")
    from entrypoints.worker import run_worker

    return run_worker(_with_a_server(here), name)


def _with_a_server(here: Here) -> Settings:
    return attrs.evolve(here.settings, redis_url=server_url(here.settings))
