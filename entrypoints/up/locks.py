"""Locks between processes, held through a file and let go by the system when their holder dies."""

import fcntl
import os
import time
from pathlib import Path


def open_lock(path: Path) -> int:
    """The descriptor of a lock file that only its owner reads."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)


def locked_within(lock: int, patience_s: float) -> bool:
    """Whether the lock became ours within `patience_s` seconds."""
    deadline_s = time.monotonic() + patience_s
    while not _locked(lock):
        if time.monotonic() >= deadline_s:
            return False
        time.sleep(0.05)
    return True


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
