"""What a supervisor tells where programs read it: the same as log lines."""

import contextlib
from collections.abc import Iterator
from typing import Final

import structlog

from entrypoints.up.child import Child
from entrypoints.up.news import News
from entrypoints.up.screen import Screen, Summary


class ScreenLog(Screen):
    """To be used once logging is configured. `process` is whom a line is about."""

    def __init__(self) -> None:
        self._log: Final = structlog.get_logger()

    @contextlib.contextmanager
    def starting(self) -> Iterator[None]:
        self._log.info("starting")
        yield

    def ready(self, child: Child, after_s: float) -> None:
        self._log.info("process ready", process=child.name, pid=child.pid, after_s=round(after_s, 1))

    def note(self, news: News) -> None:
        say = self._log.warning if news.level == "warning" else self._log.info
        say(news.event, process=news.process, **news.more)

    def warn(self, text: str) -> None:
        self._log.warning("start warning", warning=text)

    def doubt(self, text: str) -> None:
        self._log.warning("settings doubted", warning=text)

    def stopping(self) -> None:
        self._log.info("stopping")

    def stopped(self) -> None:
        self._log.info("stopped")

    def summary(self, summary: Summary) -> None:
        about = {"url": summary.url, "kept_by": summary.kept_by}
        self._log.info("everything runs", **about, data_dir=str(summary.data_dir), logs=str(summary.logs))
