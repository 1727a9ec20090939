"""SIGINT and SIGTERM: told to whoever waits for them, or counted."""

import contextlib
import select
import signal
import socket
import threading
import time
from types import FrameType
from typing import Final, Self

ECHO_S: Final = 1.0
"""A signal sent to a group reaches us again through the `make` that started us: one request, not two."""


class StopSignals:
    """Counts the signals that ask this process to stop, and wakes it from `pause` when one comes.

    A child that ends wakes it too. A closed terminal asks to stop, unless that was to be ignored (nohup).
    For the main thread, within a `with`.
    """

    def __init__(self) -> None:
        self.count = 0
        self._counted_at_s = -ECHO_S
        self._undo: Final = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._wake, self._woken = socket.socketpair()
        self._undo.callback(self._woken.close)
        self._undo.callback(self._wake.close)
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        self._undo.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(self._wake.fileno()))
        self._handle(signal.SIGCHLD, _nothing)
        self._handle(signal.SIGINT, self._on_stop)
        self._handle(signal.SIGTERM, self._on_stop)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            self._handle(signal.SIGHUP, self._on_stop)
        return self

    def __exit__(self, *exc: object) -> None:
        self._undo.close()

    def pause(self, seconds: float) -> None:
        """Wait for `seconds`, or less when a signal comes."""
        select.select([self._woken], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            while self._woken.recv(4096):
                pass

    def _handle(self, number: signal.Signals, handler: "signal._HANDLER") -> None:
        self._undo.callback(signal.signal, number, signal.signal(number, handler))

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        now_s = time.monotonic()
        if now_s - self._counted_at_s >= ECHO_S:
            self.count += 1
            self._counted_at_s = now_s


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Handled so that it wakes a pause."""


def stop_event() -> threading.Event:
    """An event that SIGTERM or SIGINT sets from now on. For the main thread."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    return stop
