"""One checkout is one trace, from the request through every worker."""

import pytest
from dependency_injector import providers
from opentelemetry.trace import SpanKind, StatusCode, TraceFlags

from entrypoints.api import application_of
from tests.foreign import start_foreign
from tests.shop import CLIENT
from tests.traced import CHECKOUT_ID, NONE, Kept, TracedShop, TracedShopElsewhere, told

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
CALLER_TRACE = 0x0AF7651916CD43DD8448EB211C80319C
ORDERS = "/api/event-store/cqrs/orders-by-client"
NOT_SAMPLED = CALLER[:-1] + "0"

SUCCESS = """\
POST /api/checkouts
  process CheckoutInitiated in checkout-audit
  process CheckoutInitiated in checkout-deadline
  process CheckoutInitiated in checkout-reservation
    process StockReserved in checkout-audit
    process StockReserved in checkout-order
      process CheckoutSucceeded in checkout-audit
      process CheckoutSucceeded in checkout-cqrs
      process CheckoutSucceeded in checkout-deadline
      process CheckoutSucceeded in checkout-notification
      process OrderCreated in checkout-audit
      process OrderCreated in checkout-cqrs"""
OUT_OF_STOCK = """\
POST /api/checkouts
  process CheckoutInitiated in checkout-audit
  process CheckoutInitiated in checkout-deadline
  process CheckoutInitiated in checkout-reservation
    process StockReservationFailed in checkout-audit
    process StockReservationFailed in checkout-compensation
      process CheckoutFailed in checkout-audit
      process CheckoutFailed in checkout-compensation
      process CheckoutFailed in checkout-cqrs
      process CheckoutFailed in checkout-deadline
      process CheckoutFailed in checkout-notification"""


def stocked() -> TracedShop:
    shop = TracedShop()
    shop.receive({"pencil": 5})
    return shop


def test_a_success_is_a_tree_below_the_request_that_asked_for_it() -> None:
    shop = stocked()

    checkout_id = shop.post()
    shop.run()

    assert shop.kept.tree() == SUCCESS
    assert len(shop.kept.traces) == 1
    assert {told(span, CHECKOUT_ID) for span in shop.kept.spans} == {checkout_id}


def test_a_failure_is_a_tree_too_and_no_error_for_it_is_an_outcome() -> None:
    shop = TracedShop()

    shop.post()
    shop.run()

    assert shop.kept.tree() == OUT_OF_STOCK
    assert len(shop.kept.traces) == 1
    assert {span.status.status_code for span in shop.kept.spans} == {StatusCode.UNSET}


def test_a_caller_that_has_a_trace_sees_the_checkout_in_it() -> None:
    shop = stocked()

    shop.post(traceparent=CALLER)
    shop.run()

    assert shop.kept.traces == {CALLER_TRACE}
    assert shop.kept.named("POST /api/checkouts").parent.span_id == 0xB7AD6B7169203331  # type: ignore[union-attr]  # there is one, or this fails


def test_a_step_is_a_consumer_linked_to_the_span_in_which_the_event_was_written() -> None:
    shop = stocked()

    shop.post(X_Correlation_ID="basket-7")
    shop.run()

    request = shop.kept.named("POST /api/checkouts")
    step = shop.kept.named("process CheckoutInitiated in checkout-reservation")
    assert (request.kind, step.kind) == (SpanKind.SERVER, SpanKind.CONSUMER)
    assert [link.context.span_id for link in step.links] == [request.context.span_id]
    assert told(step, "messaging.system") == "redis_streams"
    assert told(step, "messaging.destination.name") == "ecommerce.checkout.events"
    assert told(step, "messaging.operation.type") == "process"
    assert told(step, "messaging.message.id") == shop.audit_log.entries[0].position
    assert told(step, "messaging.message.conversation_id") == "basket-7"
    assert told(step, "comptoir.attempt") == 1


def test_an_answer_names_the_span_of_its_request() -> None:
    shop = stocked()

    answered = shop.client.get("/api/inventory/pencil", headers={"traceparent": CALLER})

    span = shop.kept.named("GET /api/inventory/<produit_id>")
    assert answered.headers["traceparent"] == f"{CALLER[:36]}{span.context.span_id:016x}-01"


def test_an_entry_that_came_without_a_trace_has_one_that_all_groups_agree_on() -> None:
    shop = stocked()

    start_foreign(shop, "c-1", pencil=1)
    shop.run()

    assert len(shop.kept.traces) == 1
    roots = {span.name for span in shop.kept.spans if span.parent is None}
    assert roots == {"process CheckoutInitiated"}
    assert shop.kept.named("process CheckoutSucceeded in checkout-notification").parent is not None


def test_two_entries_without_a_trace_have_two() -> None:
    shop = stocked()

    start_foreign(shop, "c-1", pencil=1)
    start_foreign(shop, "c-2", pencil=1)
    shop.run()

    assert len(shop.kept.traces) == 2


def test_a_call_of_an_existing_service_hangs_below_its_step_and_is_told_of_its_span() -> None:
    shop = TracedShopElsewhere()

    shop.start({"p-1": 1})
    shop.run()

    call = shop.kept.named("inventory take")
    step = shop.kept.named("process CheckoutInitiated in checkout-reservation")
    assert call.parent is not None
    assert (call.kind, call.parent.span_id) == (SpanKind.CLIENT, step.context.span_id)
    assert [(heard.traceparent or "").split("-")[2] for heard in shop.attentive.heard] == [
        f"{call.context.span_id:016x}"
    ]
    assert shop.kept.named("orders enter").kind == SpanKind.CLIENT


def test_what_the_caller_does_not_sample_leaves_no_span_and_goes_on_as_it_came() -> None:
    shop = stocked()

    checkout_id = shop.post(traceparent=NOT_SAMPLED)
    shop.run()

    assert shop.replay(checkout_id).view.status == "succeeded"
    assert shop.kept.spans == ()


def test_no_worker_traces_what_the_sampler_left_out_at_the_request() -> None:
    shop = TracedShop(kept=Kept(sampler=NONE))
    shop.receive({"pencil": 5})

    shop.post()
    for worker in shop.workers:
        shop.run(worker)

    assert shop.kept.spans == ()
    flags = {int((entry.traceparent or "-1")[-2:], 16) for entry in shop.audit_log.entries}
    assert not any(flag & TraceFlags.SAMPLED for flag in flags)


def test_probes_leave_no_spans() -> None:
    shop = TracedShop()

    for path in ("/livez", "/readyz", "/metrics"):
        assert shop.client.get(path).status_code == 200

    assert shop.kept.spans == ()


@pytest.mark.parametrize(
    ("path", "name", "status"),
    [
        ("/api/checkouts/xavier", "GET /api/checkouts/<checkout_id>", 404),
        ("/api/checkouts/c-1?token=xavier", "GET /api/checkouts/<checkout_id>", 422),
        (f"{ORDERS}/xavier", f"GET {ORDERS}/<client_id>", 200),
        ("/xavier", "GET", 404),
    ],
)
def test_a_request_is_named_by_its_route_and_not_by_what_was_typed(path: str, name: str, status: int) -> None:
    shop = TracedShop()

    shop.client.get(path)

    (span,) = shop.kept.spans
    assert (span.name, told(span, "http.response.status_code")) == (name, status)
    assert "xavier" not in span.to_json()


def test_an_answer_that_is_our_fault_is_an_error() -> None:
    shop = TracedShop()
    shop.container.replayer.override(providers.Object(None))
    client = application_of(shop.container).test_client()

    client.get("/api/checkouts/c-1")

    (span,) = shop.kept.spans
    assert (span.status.status_code, told(span, "error.type")) == (StatusCode.ERROR, "500")


def test_no_client_and_no_cart_is_in_a_span() -> None:
    shop = stocked()

    shop.post(units=3)
    shop.run()

    said = "".join(span.to_json() for span in shop.kept.spans)
    assert CLIENT not in said
    assert "pencil" not in said
