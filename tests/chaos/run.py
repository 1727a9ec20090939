"""One run: a service is started, loaded, troubled, left to come to rest, and judged."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs

from application.ports.errors import Unavailable
from domain.checkout.saga import STEPS
from tests.chaos.carts import ORDER_TOTAL_MAX, STOCK
from tests.chaos.evidence import STUCK_MAX, Evidence, gather
from tests.chaos.figures import end_figures, load_figures, trouble_figures
from tests.chaos.load import shopping
from tests.chaos.plan import Trouble
from tests.chaos.shoppers import Queue
from tests.chaos.strangers import Added, strangers
from tests.chaos.troubles import Troublemaker
from tests.chaos.verdict import Row, equal, law, verdict
from tests.instance import COMPTOIR, ExternalServer, RunningService
from tests.running_service import IMPATIENT, free_base_port

SERVICE: Final = (sys.executable, "-m", "tests.chaos.service")
CLAIM_IDLE_MS: Final = 2_000
CHECKOUT_DEADLINE_S: Final = 60
"""Some checkouts run out of time while everything is down, most do not."""
ASKING_AGAIN_S: Final = 60.0
DRAIN_MAX_S: Final = 300.0
LOOK_EVERY_S: Final = 0.25


@attrs.frozen(kw_only=True)
class Outcome:
    """What a run found out."""

    figures: list[Row]
    laws: list[Row]


@attrs.define
class Run:
    """`say` is told how it goes."""

    directory: Path
    server: Path | None
    """The binary of a server beside the service; None: the service starts its own."""
    rate: float
    seconds: float
    seed: int
    troubles: list[Trouble]
    say: Callable[[str], None]

    def outcome(self) -> Outcome:
        """Run it."""
        with self._external() as external:
            service = RunningService(self.directory / "service", self._settings(external), external, SERVICE)
            try:
                service.start()
                return self._trouble_and_judge(service)
            finally:
                service.end()

    def _trouble_and_judge(self, service: RunningService) -> Outcome:
        for produit_id, units in STOCK.items():
            service.front.receive(produit_id, units)
        queue = Queue(rate=self.rate, seconds=self.seconds, seed=self.seed)
        maker = Troublemaker(service, claim_idle_s=CLAIM_IDLE_MS / 1000)
        began_s = time.monotonic()
        with shopping(service.front, queue), strangers(service.shop.settings.redis_url, self.seed) as added:
            maker.make(self.troubles)
            time.sleep(max(0.0, began_s + self.seconds - time.monotonic()))
            accepted = len(queue.told.accepted)
            self.say(
                "the load is over; who has had no answer asks again, and what was accepted comes to its end"
            )
            _wait_until(queue.is_over, ASKING_AGAIN_S)
        _wait_until(lambda: _is_at_rest(service), DRAIN_MAX_S)
        drained_s = time.monotonic() - began_s - self.seconds
        evidence = self._evidence(service, queue, added)
        stopped = _stopped(service)
        figures = [
            *load_figures(queue, added, accepted / self.seconds),
            *end_figures(evidence, self.seconds + drained_s, drained_s),
            *trouble_figures(maker),
        ]
        judged = [*verdict(evidence), law("one key, two answers", queue.told.contradictions), stopped]
        return Outcome(figures=figures, laws=[*judged, *_made(self.troubles, maker)])

    @contextmanager
    def _external(self) -> Iterator[ExternalServer | None]:
        if self.server is None:
            yield None
            return
        external = ExternalServer.at(self.directory / "server", self.server)
        external.start()
        try:
            yield external
        finally:
            external.stop()

    def _settings(self, external: ExternalServer | None) -> dict[str, str]:
        told = IMPATIENT | {
            "PORT": "0",
            "METRICS_BASE_PORT": str(free_base_port()),
            "CLAIM_IDLE_MS": str(CLAIM_IDLE_MS),
            "CHECKOUT_DEADLINE_S": str(CHECKOUT_DEADLINE_S),
            "ORDER_TOTAL_MAX": str(ORDER_TOTAL_MAX),
            "LOG_FILE_MAX_BYTES": str(1024**3),  # the notices are read from it
            # Compiled once and not at every start, also where Python was told to leave nothing in the tree.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(self.directory / "compiled"),
        }
        return told | ({"REDIS_URL": external.server.url} if external else {})

    def _evidence(self, service: RunningService, queue: Queue, added: Added) -> Evidence:
        return gather(
            service.shop,
            accepted=frozenset(queue.told.accepted.values()) | added.accepted,
            received=STOCK,
            audited=service.audited(),
            trail_broken=_trail_broken(service),
            told=frozenset(checkout_id for checkout_id, _ in service.noticed()),
        )


def _is_at_rest(service: RunningService) -> bool:
    try:
        handed_out = all(map(service.is_at_rest, STEPS))
        return handed_out and not service.shop.container.stuck_finder().older_than(0, count=STUCK_MAX)
    except Unavailable:
        return False


def _wait_until(condition: Callable[[], bool], patience_s: float) -> None:
    """What has not come by then, the verdict will tell."""
    deadline_s = time.monotonic() + patience_s
    while not condition() and time.monotonic() < deadline_s:
        time.sleep(LOOK_EVERY_S)


def _trail_broken(service: RunningService) -> str:
    environment: Mapping[str, str] = {**os.environ, "DATA_DIR": str(service.data_dir)}
    asked = subprocess.run(
        [*COMPTOIR, "audit", "verify", "--json"], env=environment, capture_output=True, text=True, check=False
    )
    if asked.returncode == 0:
        return ""
    return json.dumps(json.loads(asked.stdout)["findings"][:3]) if asked.stdout else asked.stderr


def _stopped(service: RunningService) -> Row:
    try:
        service.stop()
    except (AssertionError, subprocess.TimeoutExpired) as error:
        return Row("stops in order afterwards", "yes", "no", (str(error),))
    return Row("stops in order afterwards", "yes", "yes")


def _made(troubles: list[Trouble], maker: Troublemaker) -> list[Row]:
    """Trouble that was not made proves nothing."""
    planned = Counter(trouble.kind for trouble in troubles)
    rows = [equal(f"trouble: {kind}", count, maker.done[kind]) for kind, count in planned.items()]
    return [*rows, law("trouble that could not be made", maker.failures)]
