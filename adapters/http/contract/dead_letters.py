"""Dead letters."""

from typing import Final, get_args

from adapters.http import dead_letters as routes
from adapters.http import problem_kinds as kinds
from adapters.http.contract.operation import Answer, Example, Operation
from adapters.http.contract.parameters import ACTOR, AFTER, COUNT, choice_parameter, text_parameter
from adapters.http.contract.schemas import (
    POSITION,
    SECONDS,
    TEXT,
    links,
    map_of,
    maybe,
    named,
    one_of,
    page,
    record,
)
from adapters.http.dead_letters import NAME_CHARS_MAX, STATES
from application.ports.dead_letters import Redrive, State
from application.requests.mend_dead_letters import REDRIVE_MAX
from application.requests.who_and_why import REASON_CHARS_MAX

TAG: Final = "Dead letters"

LETTER: Final = "1-0"
"""The dead letter of the examples."""

DECISION: Final = maybe(record(actor=TEXT, reason=TEXT, at=SECONDS, correlation_id=maybe(TEXT)))
_LETTER: Final = {
    "id": POSITION,
    "state": one_of(*get_args(State)),
    "group": TEXT,
    "type": TEXT,
    "checkout_id": maybe(TEXT),
    "position": POSITION,
    "attempts": {"type": "integer", "minimum": 1},
    "reason": TEXT,
    "first_error": TEXT,
    "last_error": TEXT,
    "set_aside_at": SECONDS,
    "decision": DECISION,
    "links": links("self", optional=("checkout", "replay")),
}
SCHEMAS: Final = {
    "DeadLetterPage": page("dead_letters", named("DeadLetter")),
    "DeadLetter": record(**_LETTER),
    "WholeDeadLetter": record(
        **_LETTER,
        traceback=TEXT,
        original=map_of(TEXT) | {"description": "The entry's fields as text, cut where they are very long."},
    ),
    "RedriveAnswers": record(answers=map_of(one_of(*get_args(Redrive)))),
    "RedriveForm": routes.REDRIVE.schema(),
    "RedriveOneForm": routes.REDRIVE_ONE.schema(),
    "DiscardForm": routes.DISCARD.schema(),
}
_PATH: Final = {"id": LETTER}

OPERATIONS: Final = (
    Operation(
        "GET",
        "/api/dead-letters",
        endpoint="dead_letters.list_some",
        id="listDeadLetters",
        summary="Deliveries that were set aside",
        description="Those that fit every parameter given, oldest first; open ones unless `state` says else.",
        parameters=(
            text_parameter("group", "Of this group.", chars_max=NAME_CHARS_MAX),
            text_parameter("type", "About events of this type.", chars_max=NAME_CHARS_MAX),
            text_parameter("reason", "With this anywhere in the reason.", chars_max=REASON_CHARS_MAX),
            text_parameter("checkout_id", "About this checkout.", chars_max=NAME_CHARS_MAX),
            choice_parameter("state", "In this state.", *STATES),
            COUNT,
            AFTER,
        ),
        answers=(Answer(200, "A page of dead letters.", named("DeadLetterPage")),),
        paged=True,
        examples=(Example("those of one group", query={"group": "checkout-reservation"}),),
    ),
    Operation(
        "GET",
        "/api/dead-letters/{id}",
        endpoint="dead_letters.show",
        id="showDeadLetter",
        summary="Everything that is known of a dead letter",
        answers=(Answer(200, "The dead letter.", named("WholeDeadLetter")),),
        problems=(kinds.NOT_FOUND,),
        examples=(Example("an entry that is no event", path=_PATH),),
    ),
    Operation(
        "POST",
        "/api/dead-letters/redrive",
        endpoint="dead_letters.redrive_some",
        id="redriveDeadLetters",
        summary="Have several tried again",
        description="Either those of `ids`, or the open ones that fit some of `group`, `type`, "
        "`reason_contains` and `checkout_id`, or `all` that are open. At most "
        f"{REDRIVE_MAX:,} in one go; each is answered for.",
        parameters=(ACTOR,),
        body=named("RedriveForm"),
        answers=(Answer(200, "What became of each.", named("RedriveAnswers")),),
        examples=(
            Example("by id", body={"ids": [LETTER, "999-0"], "reason": "fixed upstream", "actor": "ada"}),
            Example("by what they are about", body={"type": "CheckoutInitiated", "reason": "fixed"}),
        ),
    ),
    Operation(
        "POST",
        "/api/dead-letters/{id}/redrive",
        endpoint="dead_letters.redrive",
        id="redriveDeadLetter",
        summary="Have one tried again",
        description="By its own group alone.",
        parameters=(ACTOR,),
        body=named("RedriveOneForm"),
        answers=(Answer(200, "The dead letter, redriven.", named("WholeDeadLetter")),),
        problems=(kinds.NOT_FOUND, kinds.ALREADY_DECIDED, kinds.ENTRY_GONE),
        examples=(Example("a redrive", path=_PATH, body={"reason": "fixed upstream", "actor": "ada"}),),
    ),
    Operation(
        "POST",
        "/api/dead-letters/{id}/discard",
        endpoint="dead_letters.discard",
        id="discardDeadLetter",
        summary="Let one be, with a reason",
        parameters=(ACTOR,),
        body=named("DiscardForm"),
        answers=(Answer(200, "The dead letter, discarded.", named("WholeDeadLetter")),),
        problems=(kinds.NOT_FOUND, kinds.ALREADY_DECIDED),
        examples=(Example("a discard", path=_PATH, body={"reason": "a test of ours", "actor": "ada"}),),
    ),
)
