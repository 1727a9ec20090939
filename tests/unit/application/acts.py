"""What a person may ask of a checkout, and ways to be first or second with it."""

from collections.abc import Callable

import pytest

from application.events.streams import CHECKOUTS
from application.requests.intervene import CheckoutDesk
from domain.checkout.commands import Cancel, ForceCompensation, PostponeDeadline, Resolve, RetryStep
from tests.interruptions import InterruptedStore, worker_on
from tests.shop import Shop
from tests.unit.application.closed_warehouse import ACTOR

DEADLINE_S = 900
CANCEL = Cancel(actor=ACTOR, reason="too slow")
RETRY = RetryStep(actor=ACTOR, reason="once more")
FORCE = ForceCompensation(actor=ACTOR, reason="enough")
RESOLVE = Resolve(actor=ACTOR, reason="done by hand")
LIFT = PostponeDeadline(actor=ACTOR, reason="a big order", expires_at_s=None)
EVERY_COMMAND = pytest.mark.parametrize(
    "command", [CANCEL, RETRY, FORCE, RESOLVE, LIFT], ids=lambda command: type(command).__name__
)


def interrupted(shop: Shop, name: str, others: Callable[[], object]) -> None:
    """Worker `name` runs; `others` go first right before it appends to the checkout."""

    def interrupt() -> None:
        others()

    store = InterruptedStore(shop.store, lambda moment: moment.is_("before", "append", CHECKOUTS), interrupt)
    worker_on(shop, name, consumer="c-0", store=store).turn()
    assert store.happened


def interrupted_desk(shop: Shop, others: Callable[[], None]) -> CheckoutDesk:
    """A desk that decides, and `others` go first right before it says so."""
    return CheckoutDesk(
        InterruptedStore(shop.store, lambda moment: moment.is_("before", "append", CHECKOUTS), others)
    )


def until(shop: Shop, seconds: float) -> PostponeDeadline:
    """The word that gives a checkout so much time from now."""
    return PostponeDeadline(actor=ACTOR, reason="wait", expires_at_s=shop.clock.now_s() + seconds)
