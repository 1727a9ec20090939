"""A process as the supervisor starts it: `python -m entrypoints.process worker NAME`, `api`, `event-store`.

It is told everything through its environment, and does what the command of the same name does. Nine of them
start at once, so each imports what it runs and nothing else: not the command line, for one.
"""

import gc
import os
import sys
from collections.abc import Callable, Sequence

from entrypoints.commands.connection import with_a_server
from entrypoints.commands.endings import Ended, tell
from entrypoints.exit_codes import ExitCode
from entrypoints.hidden import hidden
from entrypoints.settings import Settings


def run(arguments: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT. The exit code; what is refused is one line on stderr."""
    try:
        settings = Settings.from_environment(os.environ)
        return imported(arguments, alone=False)(settings)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the outermost frame: what nobody foresaw is told apart here
        return tell(error)


def imported(arguments: Sequence[str], *, alone: bool = True) -> Callable[[Settings], int]:
    """What a process of these arguments runs. `alone`: no supervisor has told what is to be doubted of the
    settings. Raises Ended: there is no such process."""
    match arguments:
        case ["api"]:
            with hidden():
                from entrypoints.api import serve

            return lambda settings: serve(with_a_server(settings), alone=alone)
        case ["event-store"]:
            with hidden():
                from entrypoints.event_store import serve_event_store

            return lambda settings: serve_event_store(with_a_server(settings))
        case ["worker", name]:
            with hidden("werkzeug"):
                from entrypoints.worker import run_worker

            return lambda settings: run_worker(settings, name, alone=alone)
        case _:
            raise Ended(ExitCode.USAGE, "a process is `api`, `event-store` or `worker NAME`")


if __name__ == "__main__":
    gc.disable()  # what is imported stays; `settle` enables it
    sys.exit(run(sys.argv[1:]))
