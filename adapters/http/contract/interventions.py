"""What a person does about a checkout."""

from typing import Final

from adapters.http import interventions as routes
from adapters.http import problem_kinds as kinds
from adapters.http.contract.checkouts import STATE
from adapters.http.contract.operation import Answer, Example, Operation
from adapters.http.contract.parameters import (
    ACTOR,
    AFTER,
    COUNT,
    IDEMPOTENCY_KEY,
    LOCATION,
    REPLAYED,
    whole_parameter,
)
from adapters.http.contract.schemas import FLAG, ID, SECONDS, TEXT, links, named, one_of, page, record
from adapters.http.interventions import OLDER_THAN_MAX_S, OLDER_THAN_S
from domain.checkout.evolving import OPERATOR
from domain.checkout.saga import STEPS

TAG: Final = "Interventions"

OPEN_CHECKOUT: Final = "qhcmam3amozhbpge"
"""The open checkout of the examples; its key was `cart-7f3a-3`."""

SCHEMAS: Final = {
    "StuckCheckouts": page("checkouts", named("StuckCheckout")),
    "StuckCheckout": record(
        checkout_id=ID,
        client_id=ID,
        step=STATE["step"],
        waits_for=one_of(*STEPS, OPERATOR) | {"description": "A worker, or a person."},
        since=SECONDS,
        opened_at=SECONDS,
        last_fact=TEXT,
        why=TEXT | {"description": "Why it is not done yet, as far as it is known."},
        advice=TEXT | {"description": "What a person can do about it."},
        links=named("CheckoutLinks"),
    ),
    "Deadlines": page("deadlines", named("Deadline")),
    "Deadline": record(checkout_id=ID, due_at=SECONDS, links=links("checkout")),
    "Intervened": record(
        checkout_id=ID,
        client_id=ID,
        **STATE,
        changed=FLAG | {"description": "false where what was asked for had come about before."},
        links=named("CheckoutLinks"),
    ),
    "ActForm": routes.ACT.schema(),
    "DeadlineForm": routes.POSTPONE.schema(),
}
_DONE: Final = (
    Answer(
        202,
        "It is on the stream; the steps react to it.",
        named("Intervened"),
        headers=(LOCATION, REPLAYED),
    ),
    Answer(200, "It had come about before.", named("Intervened"), headers=(LOCATION,)),
)


def _act(
    name: str, id: str, summary: str, description: str = "", *, form: str = "ActForm", **example: object
) -> Operation:
    """An act on a checkout; `example` is its body, but for who acts."""
    method = "postpone" if name == "deadline" else name.replace("-", "_")
    late = (kinds.CHECKOUT_FAILING,) if name == "deadline" else ()
    body = example | {"actor": "ada"}
    return Operation(
        "POST",
        f"/api/checkouts/{{checkout_id}}/{name}",
        endpoint=f"interventions.{method}",
        id=id,
        summary=summary,
        description=description,
        parameters=(ACTOR, IDEMPOTENCY_KEY),
        body=named(form),
        answers=_DONE,
        problems=(kinds.NOT_FOUND, kinds.CHECKOUT_ENDED, kinds.IDEMPOTENCY_KEY_REUSED, *late),
        examples=(Example("an open checkout", path={"checkout_id": OPEN_CHECKOUT}, body=body),),
    )


OPERATIONS: Final = (
    Operation(
        "GET",
        "/api/checkouts/stuck",
        endpoint="interventions.list_stuck",
        id="listStuckCheckouts",
        summary="Which checkouts wait, on what, since when and why",
        description="Oldest first.",
        parameters=(
            whole_parameter(
                "older_than_s",
                "Begun so many seconds ago.",
                low=0,
                high=OLDER_THAN_MAX_S,
                default=OLDER_THAN_S,
            ),
            COUNT,
            AFTER,
        ),
        answers=(Answer(200, "A page of open checkouts.", named("StuckCheckouts")),),
        paged=True,
        examples=(Example("all that are open", query={"older_than_s": "0"}),),
    ),
    Operation(
        "GET",
        "/api/deadlines",
        endpoint="interventions.list_deadlines",
        id="listDeadlines",
        summary="Which checkouts have until when",
        description="The soonest first.",
        parameters=(COUNT, AFTER),
        answers=(Answer(200, "A page of deadlines.", named("Deadlines")),),
        paged=True,
        examples=(Example("the soonest", query={"count": "1"}),),
    ),
    _act(
        "cancel",
        "cancelCheckout",
        "Cancel a checkout",
        "What it took is given back, and it fails.",
        reason="the customer called",
    ),
    _act(
        "retry",
        "retryStep",
        "Have the step that it waits on tried again",
        reason="the warehouse answers again",
    ),
    _act(
        "force-compensation",
        "forceCompensation",
        "Have what it took given back now",
        "Also where giving back has failed before.",
        reason="the stock was moved by hand",
    ),
    _act(
        "resolve",
        "resolveCheckout",
        "End it as failed, whatever is left to do",
        "For what a person has put right elsewhere.",
        reason="given back by hand",
    ),
    _act(
        "deadline",
        "postponeDeadline",
        "Give it more time, or all the time in the world",
        "Exactly one of `expires_at` (seconds since the epoch), `in_s` (seconds from now) and `none: true`.",
        form="DeadlineForm",
        in_s=600,
        reason="the warehouse is slow today",
    ),
)
