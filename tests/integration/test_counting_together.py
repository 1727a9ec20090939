"""Several API processes show one page: the sum of what all have counted, those that were killed too."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from entrypoints.up.ports import free_port
from tests.instance import COMPTOIR, START_S, STOP_S
from tests.waiting import eventually

pytestmark = pytest.mark.slow

PROCESSES: Final = 3
GROWS: Final = ("_total", "_count", "_sum", "_bucket")
REQUESTS: Final = "http_request_duration_seconds_count"
NOWHERE: Final = "/nowhere"
RECEIPTS: Final = "/api/inventory/p1/receipts"

Series = tuple[str, frozenset[tuple[str, str]]]
Page = dict[Series, float]


@attrs.define
class Several:
    """Processes of one instance, asked on a new connection each time so that each gets some."""

    url: str
    files: Path
    parent: "subprocess.Popen[bytes]"
    pages: list[Page] = attrs.Factory(list)

    def ask(self, path: str, body: object = None) -> int:
        """Until one answers: a connection to one that was killed is as if it had never been."""

        def asked() -> int | None:
            try:
                if body is None:
                    return httpx.get(self.url + path, trust_env=False).status_code
                return httpx.post(self.url + path, json=body, trust_env=False).status_code
            except httpx.TransportError:
                return None

        return eventually(asked, START_S)

    def scrape(self) -> Page:
        """The page, of which nothing that grows has ever shrunk."""
        text = eventually(self._text, START_S)
        families = list(text_string_to_metric_families(text))
        samples = [sample for family in families for sample in family.samples]
        page = {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}
        assert len(page) == len(samples)
        before = self.pages[-1] if self.pages else {}
        for series, value in before.items():
            assert not series[0].endswith(GROWS) or page[series] >= value, series
        self.pages.append(page)
        return page

    def counted(self, route: str) -> float:
        """How many requests, by the page of now."""
        return sum(
            value
            for (name, labels), value in self.scrape().items()
            if name == REQUESTS and ("route", route) in labels
        )

    def pids(self) -> set[int]:
        """The processes, by the files that they count in."""
        found = self.files.glob("*/gauge_livesum_*.db")
        return {int(path.stem.rpartition("_")[2]) for path in found}

    def _text(self) -> str | None:
        try:
            return httpx.get(f"{self.url}/metrics", trust_env=False).text
        except httpx.TransportError:
            return None


@pytest.fixture(params=["api", "event-store"])
def several(request: pytest.FixtureRequest, valkey_url: str, tmp_path: Path) -> Iterator[Several]:
    port = free_port()
    told = {"API_PROCESSES": str(PROCESSES), "PORT": str(port), "REDIS_URL": valkey_url}
    places = {"TMPDIR": str(tmp_path), "DATA_DIR": str(tmp_path / "data")}
    with (tmp_path / "log").open("wb") as log:
        parent = subprocess.Popen([*COMPTOIR, request.param], env=os.environ | told | places, stderr=log)
    running = Several(f"http://127.0.0.1:{port}", tmp_path, parent)
    try:
        eventually(lambda: len(running.pids()) == PROCESSES, START_S)
        eventually(lambda: running.ask("/livez") == 200, START_S)
        yield running
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(STOP_S) == 0
        assert not running.pids()
    finally:
        parent.kill()
        parent.wait()


def test_the_page_is_what_was_asked_of_all_though_one_is_killed(several: Several) -> None:
    before, asked = several.pids(), 0
    for killed in (set(), {min(before)}):
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        for _ in range(12):
            several.ask(NOWHERE)
            asked += 1
            assert several.counted("unmatched") == asked
    eventually(lambda: several.scrape() and several.pids() - before, START_S)
    for _ in range(12):
        several.ask(NOWHERE)

    assert several.counted("unmatched") == asked + 12
    assert before - several.pids() == {min(before)}
    assert len(several.pids()) == PROCESSES


@pytest.mark.parametrize("several", ["api"], indirect=True)
def test_what_was_written_is_summed_and_the_processes_are_shown_as_one(several: Several) -> None:
    for _ in range(12):
        assert several.ask(RECEIPTS, {"quantite": 1}) < 300

    page = several.scrape()
    published = [value for (name, _), value in page.items() if name == "events_published_total"]
    plain = {name: value for (name, labels), value in page.items() if not labels}
    assert published == [12]
    assert sum(v for (name, _), v in page.items() if name == "event_append_batch_transactions_count") == 12
    assert plain["process_cpu_seconds_total"] > 0
    assert plain["process_open_fds"] > 4 * PROCESSES
    assert plain["durability_promise_kept"] == 1
    assert all("pid" not in dict(labels) for _, labels in page)
    assert several.counted("/api/inventory/<produit_id>/receipts") == 12
