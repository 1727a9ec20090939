"""A process that the supervisor starts: `python -m entrypoints.process worker NAME`, or `api`.

It is told everything through its environment, and does what the command of the same name does. Nine of them
start at once, so each imports what it runs and nothing else: not the command line, for one.
"""

import os
import sys
from collections.abc import Sequence

from entrypoints.commands.connection import with_a_server
from entrypoints.commands.endings import Ended, tell
from entrypoints.exit_codes import ExitCode
from entrypoints.settings import Settings


def run(arguments: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT. The exit code; what is refused is one line on stderr."""
    try:
        settings = Settings.from_environment(os.environ)
        match arguments:
            case ["api"]:
                from entrypoints.api import serve

                return serve(with_a_server(settings))
            case ["worker", name]:
                from entrypoints.worker import run_worker

                return run_worker(settings, name)
            case _:
                raise Ended(ExitCode.USAGE, "a process is `api` or `worker NAME`")
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the outermost frame: what nobody foresaw is told apart here
        return tell(error)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
