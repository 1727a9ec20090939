"""The command line, `comptoir`. `entrypoints/exit_codes.py` lists how a command may end.

Commands are imported when they are called, so that each starts as fast as what it needs.
"""

import io
import sys
from collections.abc import Sequence
from typing import Final

from cyclopts import App, CycloptsError

from entrypoints import exit_codes
from entrypoints.commands.endings import Ended, forget_output, tell
from entrypoints.commands.session import Session
from entrypoints.exit_codes import ExitCode

HELP: Final = """Start Comptoir, feed it, and ask it questions.

Commands talk to the server in REDIS_URL or, where that is empty, to the instance that runs on DATA_DIR.
All settings are variables of the environment: docs/settings.md has them.
"""


def _version() -> str:
    from adapters.version import our_version

    return f"comptoir {our_version()}"


app: Final = App(
    name="comptoir", help=HELP, help_format="plaintext", help_epilogue=exit_codes.as_text(), version=_version
)
_COMMANDS: Final = (
    ("up", "service:up", "Start everything: the server, the API and the workers."),
    ("api", "service:api", "Run the HTTP API alone."),
    ("event-store", "service:event_store", "Run the event store API alone: it reads, and never writes."),
    ("worker", "service:worker", "Run one worker. Several of the same name share its work."),
    ("workers", "workers:workers", "List the workers: what wakes each, and what it answers."),
    ("stock", "stock:app", "Take units into stock, and see what there is."),
    ("checkout", "interventions:app", "Start a checkout, see what becomes of it, and step in."),
    ("checkouts", "checkouts:app", "See which checkouts wait, and for what."),
    ("deadlines", "deadlines:app", "See when each open checkout's time is up, and give one more of it."),
    ("dead-letters", "dead_letters:app", "See what was set aside; have it tried again, or let it be."),
    ("calls", "calls:app", "See calls to existing services that are in doubt, and say what became of them."),
    (
        "events",
        "events:events",
        "List the events of a stream, or follow them as they come.",
    ),
    ("replay", "replay:replay", "Replay a checkout: each event, and how the checkout stood after it."),
    ("orders", "orders:orders", "List a client's orders, newest first."),
    ("read-model", "read_model:app", "Build the orders by client again, from the stream."),
    ("sandbox", "sandbox:sandbox", "Stand in for the existing inventory and order services."),
    ("keys", "keys:app", "Make a key to the API, see which there are, and take one back."),
    ("verify", "verify:verify", "See whether streams, groups, stock, read model and audit trail agree."),
    ("audit", "audit:app", "See whether the audit trail is as it was written, and where it ends."),
)
for _place, (_name, _where, _help) in enumerate(_COMMANDS):
    _own = {} if _where.endswith(":app") else {"help_epilogue": exit_codes.HINT}
    app.command(f"entrypoints.commands.{_where}", name=_name, help=_help, sort_key=_place, **_own)


def run(tokens: Sequence[str], session: Session | None = None) -> int:
    """Run one command to its end. Gives the exit code; what went wrong is one line on stderr."""
    try:
        with session or Session() as here:
            command, given, wants = app.parse_args(
                tokens, console=here.console, print_error=False, exit_on_error=False
            )
            ended = command(*given.args, **given.kwargs, **dict.fromkeys(wants, here))
            return ended if isinstance(ended, int) else ExitCode.FINE
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        forget_output()
        return ExitCode.CUT_OFF
    except CycloptsError as error:
        return tell(Ended(ExitCode.USAGE, str(error)))
    except Exception as error:  # noqa: BLE001 - the outermost frame: what nobody foresaw is told apart here
        return tell(error)


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a tick that the terminal cannot show stops nothing
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
