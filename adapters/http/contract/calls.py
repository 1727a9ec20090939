"""Calls to existing services."""

from typing import Final, get_args

from adapters.http import calls as routes
from adapters.http import problem_kinds as kinds
from adapters.http.calls import ALL, IN_DOUBT
from adapters.http.contract.checkouts import STATE
from adapters.http.contract.interventions import OPEN_CHECKOUT
from adapters.http.contract.operation import Answer, Example, Operation
from adapters.http.contract.parameters import ACTOR, AFTER, COUNT, choice_parameter, text_parameter
from adapters.http.contract.schemas import (
    FLAG,
    ID,
    NUMBER,
    POSITION,
    SECONDS,
    TEXT,
    links,
    list_of,
    maybe,
    named,
    one_of,
    page,
    record,
)
from domain.calls.events import Operation as CallOperation
from domain.identifiers import ID_CHARS_MAX

TAG: Final = "Calls"

CALL: Final = f"{OPEN_CHECKOUT}:enter-1"
"""The call in doubt of the examples."""

CALL_FIELDS: Final = {
    "id": TEXT,
    "checkout_id": ID,
    "standing": one_of("under way", "done", "refused", "not made", "unanswered", "in doubt"),
    "since": SECONDS,
    "why": maybe(TEXT) | {"description": "What was said about how it stands."},
    "service": one_of("inventory", "orders"),
    "operation": one_of(*get_args(CallOperation)),
    "attempt": {"type": "integer", "minimum": 1},
    "happened_in_vain": NUMBER | {"description": "How often it happened beyond once."},
    "idempotency_key": TEXT,
    "produit_id": maybe(ID),
    "quantite": maybe({"type": "integer", "minimum": 1}),
    "client_id": maybe(ID),
    "vente_id": maybe(ID),
    "links": links("self", "checkout", "replay"),
}
NOTES: Final = list_of(
    record(
        type=TEXT,
        at=SECONDS,
        position=POSITION,
        attempt=NUMBER,
        actor=maybe(TEXT),
        reason=maybe(TEXT),
    )
) | {"description": "What is noted of it, oldest first."}
_WHOLE: Final = {
    **CALL_FIELDS,
    "if_happened": maybe(TEXT)
    | {"description": "What follows if it is settled so; null where it is not in doubt."},
    "if_not": maybe(TEXT),
    "checkout": record(step=STATE["step"], status=STATE["status"], client_id=ID, reason=maybe(TEXT)),
    "notes": NOTES,
}
SCHEMAS: Final = {
    "CallPage": page("calls", named("Call")),
    "Call": record(**CALL_FIELDS),
    "WholeCall": record(**_WHOLE),
    "SettledCall": record(**_WHOLE, changed=FLAG | {"description": "false where that was decided before."}),
    "SettleForm": routes.SETTLE.schema(),
}
_PATH: Final = {"call_id": CALL}

OPERATIONS: Final = (
    Operation(
        "GET",
        "/api/calls",
        endpoint="calls.list_some",
        id="listCalls",
        summary="Calls in doubt, or all calls of a checkout",
        description="Those in doubt may have happened and may not; each waits for a person. Those of the "
        "checkouts that have waited longest come first. `all` needs a checkout, and is its default.",
        parameters=(
            choice_parameter("state", "In this state.", IN_DOUBT, ALL),
            text_parameter("checkout_id", "Of this checkout.", chars_max=ID_CHARS_MAX),
            COUNT,
            AFTER,
        ),
        answers=(Answer(200, "A page of calls.", named("CallPage")),),
        paged=True,
        examples=(Example("those in doubt", query={"state": IN_DOUBT}),),
    ),
    Operation(
        "GET",
        "/api/calls/{call_id}",
        endpoint="calls.show",
        id="showCall",
        summary="Everything that is noted of a call, and what either decision will bring about",
        answers=(Answer(200, "The call.", named("WholeCall")),),
        problems=(kinds.NOT_FOUND,),
        examples=(Example("a sale in doubt", path=_PATH),),
    ),
    Operation(
        "POST",
        "/api/calls/{call_id}/settle",
        endpoint="calls.settle",
        id="settleCall",
        summary="Say what became of a call in doubt",
        description="After looking in the service. A sale that was entered needs the service's id of it, in "
        "`vente_id`. The checkout goes on at once.",
        parameters=(ACTOR,),
        body=named("SettleForm"),
        answers=(
            Answer(202, "It is decided; the step that waited is woken.", named("SettledCall")),
            Answer(200, "That was decided before.", named("SettledCall")),
        ),
        problems=(kinds.NOT_FOUND, kinds.NOT_IN_DOUBT),
        examples=(
            Example(
                "a sale that was entered",
                path=_PATH,
                body={
                    "happened": True,
                    "vente_id": "9b2f7c1e-6d1a-4c55-9d56-0c1de2f2a7aa",
                    "reason": "it is in their list",
                    "actor": "ada",
                },
            ),
        ),
    ),
)
