"""Who gets the processor first where there is not enough of it for all."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

AUTOGROUP: Final = Path("/proc/self/autogroup")


def give_way(niceness: int) -> None:
    """Leave the processor to processes of less niceness: 0 changes nothing, 19 gives way to all.

    Many a Linux shares the processor out to sessions first; niceness counts inside each only. So it is the
    session's as well, where the session is this process's own: under a supervisor, not in somebody's shell.
    """
    if niceness:
        os.nice(niceness)
        if os.getsid(0) == os.getpid():
            with suppress(OSError):  # not that Linux, or not writable in a container
                AUTOGROUP.write_text(str(niceness))
