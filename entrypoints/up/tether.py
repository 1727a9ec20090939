"""Become another program that the system ends when its parent dies, however the parent dies.

A supervisor that is killed outright cannot stop its children; on Linux the kernel can, if the child asks
for it before it becomes the program. This is a program of its own, not a `preexec_fn`, because Python code
between fork and exec may deadlock where the parent has threads. Elsewhere than on Linux it only becomes
the program. Run as: tether.py PARENT_PID PROGRAM [ARGUMENT ...]
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent_pid: int, argv: list[str]) -> None:
    """Become `argv`, unless the parent is gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != parent_pid:  # it died before the request was made
            sys.exit(1)
    os.execvp(argv[0], argv)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
