"""Being told that this process was asked to stop, where somebody else handles its signals."""

import os
import signal
import threading
from collections.abc import Callable


def when_stopped(tell: Callable[[], None]) -> None:
    """Call `tell`, in a thread of its own, once SIGTERM or SIGINT has come. For the main thread.

    Granian handles these two itself and waits for what is under way: what has no end must hear of it. So
    the signal is read where Python writes it, beside whichever handler there is or will be.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)

    def wait() -> None:
        while os.read(reading, 1)[0] not in {signal.SIGTERM, signal.SIGINT}:
            pass
        tell()

    threading.Thread(target=wait, name="when stopped", daemon=True).start()
