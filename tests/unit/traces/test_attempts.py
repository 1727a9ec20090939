"""What goes wrong shows in the trace: which attempt it was, and why it failed."""

import pytest
from dependency_injector import providers
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode

from adapters.inmemory.event_bus import fields_of
from adapters.traces.deliveries import TRIED_ALONE
from application.events.streams import CHECKOUTS
from application.ports.errors import Unavailable
from domain.checkout import saga
from entrypoints.container import worker_of
from entrypoints.settings import Settings
from tests.interruptions import InterruptedStore
from tests.traced import TracedShop, shown, told

RESERVATION = "process CheckoutInitiated in checkout-reservation"
STEP = saga.STOCK_RESERVATION


GIVEN_BACK = """\
POST /api/checkouts
  process CheckoutDeadlineExpired in checkout-audit
  process CheckoutDeadlineExpired in checkout-compensation
    process CheckoutFailed in checkout-audit
    process CheckoutFailed in checkout-compensation
    process CheckoutFailed in checkout-cqrs
    process CheckoutFailed in checkout-deadline
    process CheckoutFailed in checkout-notification
    process StockReleased in checkout-audit
    process StockReleased in checkout-cqrs
  process CheckoutInitiated in checkout-audit
  process CheckoutInitiated in checkout-deadline
  process CheckoutInitiated in checkout-reservation
    process StockReserved in checkout-audit
    process StockReserved in checkout-order
    process StockReserved in checkout-order"""


def failing(error: Exception, worker: str = STEP, *, again: bool = False) -> TracedShop:
    """A shop whose first append by `worker` breaks, or `again` every one."""
    shop = TracedShop(settings=Settings(traces="on", attempts_max=2, retry_base_ms=1_000))
    shop.receive({"pencil": 5})

    def break_() -> None:
        store.happened = not again
        raise error

    store = InterruptedStore(shop.store, lambda moment: moment.is_("before", "append", CHECKOUTS), break_)
    workers = shop.workers  # the others are made on the store as it is
    with shop.container.event_store.override(providers.Object(store)):
        workers[worker] = worker_of(shop.container, worker)
    return shop


def reservations(shop: TracedShop) -> list[ReadableSpan]:
    return [span for span in shop.kept.spans if shown(span) == RESERVATION]


def test_a_failed_attempt_is_an_error_and_the_next_one_a_span_beside_it() -> None:
    shop = failing(RuntimeError("the lights went out"))

    checkout_id = shop.post()
    shop.run()
    shop.pass_time(5)

    first, second = reservations(shop)
    assert (told(first, "comptoir.attempt"), told(second, "comptoir.attempt")) == (1, 2)
    assert (first.status.status_code, first.status.description) == (StatusCode.ERROR, "the lights went out")
    assert told(first, "error.type") == "RuntimeError"
    assert second.status.status_code == StatusCode.UNSET
    assert first.parent == second.parent
    assert len(shop.kept.traces) == 1
    assert shop.replay(checkout_id).view.status == "succeeded"


def test_the_attempt_that_an_outage_cut_short_is_an_error_too() -> None:
    shop = failing(Unavailable("no answer"))
    shop.post()

    with pytest.raises(Unavailable):
        shop.run(STEP)

    (span,) = reservations(shop)
    assert (span.status.status_code, told(span, "error.type")) == (StatusCode.ERROR, "Unavailable")


def test_a_batch_that_breaks_is_held_against_none_of_its_deliveries() -> None:
    shop = failing(RuntimeError("the lights went out"))
    shop.post()
    shop.post()

    shop.run(STEP)

    together, alone = reservations(shop)[:2], reservations(shop)[2:]
    assert [told(span, TRIED_ALONE) for span in together] == [True, True]
    assert {span.status.status_code for span in shop.kept.spans} == {StatusCode.UNSET}
    assert [told(span, TRIED_ALONE) for span in alone] == [None, None]


def test_a_checkout_that_fails_for_an_error_has_the_error_and_its_end_in_one_trace() -> None:
    shop = failing(RuntimeError("the lights went out"), saga.ORDER_CREATION, again=True)

    checkout_id = shop.post()
    shop.run()
    shop.pass_time(5)
    shop.pass_time(shop.settings.checkout_deadline_s)
    shop.run()

    assert shop.replay(checkout_id).view.status == "failed"
    assert shop.kept.tree() == GIVEN_BACK
    assert len(shop.kept.traces) == 1
    errors = {shown(span) for span in shop.kept.spans if not span.status.is_ok and not span.status.is_unset}
    assert errors == {"process StockReserved in checkout-order"}


def test_an_entry_that_is_no_event_is_an_error_in_a_trace_of_its_own() -> None:
    shop = TracedShop()

    shop.log.add(CHECKOUTS, fields_of(type="CheckoutInitiated", payload="no JSON"))
    shop.run()

    failed = shop.kept.named(RESERVATION)
    assert (failed.status.status_code, told(failed, "error.type")) == (StatusCode.ERROR, "MalformedEvent")
    assert shop.kept.named("process CheckoutInitiated in checkout-audit").status.is_ok
    assert len(shop.kept.traces) == 1
