"""One run: a service is started, loaded, troubled, left to come to rest, and judged."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Final

import attrs

from entrypoints.settings import Settings
from tests.chaos.carts import STOCK
from tests.chaos.ending import come_to_rest, stopped, trail_broken
from tests.chaos.evidence import Evidence, gather
from tests.chaos.existing import Services, existing_figures
from tests.chaos.existing_laws import existing_laws
from tests.chaos.figures import end_figures, load_figures, trouble_figures
from tests.chaos.load import shopping
from tests.chaos.plan import Trouble
from tests.chaos.shoppers import Queue
from tests.chaos.starting import started
from tests.chaos.strangers import Added, strangers
from tests.chaos.troubles import Troublemaker
from tests.chaos.verdict import Row, equal, law, verdict
from tests.instance import RunningService, ShopOutside
from tests.waiting import awaited

ASKING_AGAIN_S: Final = 120.0


@attrs.frozen(kw_only=True)
class Outcome:
    """What a run found out."""

    figures: list[Row]
    laws: list[Row]


@attrs.frozen(kw_only=True)
class Run:
    """`binary` is that of a server beside the service; without one the service starts its own. `say` is
    told how it goes."""

    directory: Path
    binary: Path | None
    rate: float
    seconds: float
    seed: int
    troubles: list[Trouble]
    say: Callable[[str], None]
    existing: bool = False
    """Whether stock and orders are those of existing services, which have their own troubles."""

    def outcome(self) -> Outcome:
        """Run it."""
        if self.existing:
            return self._on_existing_services()
        with started(self.directory, self.binary) as service:
            for produit_id, units in STOCK.items():
                service.front.receive(produit_id, units)
            return self._trouble_and_judge(service)

    def _on_existing_services(self) -> Outcome:
        with (
            Services.running(self.directory / "existing", self.seed) as services,
            started(self.directory, self.binary, services.told) as service,
        ):
            return self._trouble_and_judge(service, services)

    def _trouble_and_judge(self, service: RunningService, services: Services | None = None) -> Outcome:
        queue = Queue(rate=self.rate, seconds=self.seconds, seed=self.seed)
        maker = Troublemaker(service)
        began_s = time.monotonic()
        with services.attended(service, self.seconds) if services else nullcontext():
            with (
                shopping(service.front, queue),
                strangers(service.shop.settings.redis_url, self.seed) as added,
            ):
                maker.make(self.troubles)
                time.sleep(max(0.0, began_s + self.seconds - time.monotonic()))
                self.say("the load is over: who has had no answer asks again, and all comes to its end")
                awaited(queue.is_over, ASKING_AGAIN_S)
            come_to_rest(service)
        ended_in_s = time.monotonic() - began_s
        evidence = _evidence(service, queue, added, {} if services else STOCK)
        figures = [
            *load_figures(queue, added),
            *end_figures(evidence, ended_in_s, ended_in_s - self.seconds),
            *trouble_figures(maker),
        ]
        judged = [*verdict(evidence), *_answers(queue)]
        if services:
            ledger = services.ledger(service.front)
            figures += existing_figures(services, ledger)
            judged += existing_laws(evidence, ledger)
        judged.append(stopped(service))
        return Outcome(figures=figures, laws=[*judged, *_made(self.troubles, maker)])


def _evidence(service: RunningService, queue: Queue, added: Added, received: Mapping[str, int]) -> Evidence:
    # All histories are read in one go, which takes longer than a service would wait.
    patient = Settings(redis_url=service.shop.settings.redis_url, socket_timeout_ms=120_000, watchdog_s=240)
    shop = ShopOutside(patient)
    with closing(shop.container.redis()):
        return gather(
            shop,
            accepted=frozenset(queue.told.accepted.values()) | added.accepted,
            received=received,
            audited=service.audited(),
            trail_broken=trail_broken(service),
            told=frozenset(checkout_id for checkout_id, _ in service.noticed()),
        )


def _answers(queue: Queue) -> list[Row]:
    """Each shopper has one answer at most, and the harness has forgotten none."""
    told = queue.told
    known = len(told.accepted) + len(told.refused) + len(told.unknown)
    return [law("one key, two answers", told.contradictions), equal("shoppers", queue.arrived, known)]


def _made(troubles: list[Trouble], maker: Troublemaker) -> list[Row]:
    """Trouble that was not made proves nothing."""
    planned = Counter(trouble.kind for trouble in troubles)
    rows = [equal(f"trouble: {kind}", count, maker.done[kind]) for kind, count in planned.items()]
    return [*rows, law("trouble that could not be made", maker.failures)]
