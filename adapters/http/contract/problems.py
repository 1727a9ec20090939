"""What the type of a problem means."""

from typing import Final

from adapters.http import problem_kinds as kinds
from adapters.http.contract.operation import Answer, Example, Operation
from adapters.http.contract.parameters import VARY
from adapters.http.contract.schemas import PATH, TEXT, list_of, named, record

TAG: Final = "Problems"

SCHEMAS: Final = {
    "ProblemKinds": record(problems=list_of(named("ProblemKind"))),
    "ProblemKind": record(
        type=PATH,
        title=TEXT,
        status={"type": "integer"},
        meaning=TEXT | {"description": "What has happened."},
        remedy=TEXT | {"description": "What to do about it."},
        example=named("Problem"),
    ),
}


def _page(schema: str, *, recorded: bool = True) -> tuple[Answer, ...]:
    return (
        Answer(200, "For programs.", named(schema), headers=(VARY,), recorded=recorded),
        Answer(200, "A page for people.", TEXT, headers=(VARY,), content_type="text/html"),
    )


_JSON: Final = {"Accept": "application/json"}

OPERATIONS: Final = (
    Operation(
        "GET",
        "/problems",
        endpoint="problems.list_all",
        id="listProblemKinds",
        summary="Every kind of problem",
        answers=_page("ProblemKinds", recorded=False),
        examples=(Example("for programs", headers=_JSON),),
        stored=False,
    ),
    Operation(
        "GET",
        "/problems/{name}",
        endpoint="problems.show",
        id="showProblemKind",
        summary="What a problem means, and what to do about it",
        description="Where the `type` of a problem leads.",
        answers=_page("ProblemKind"),
        problems=(kinds.NOT_FOUND,),
        examples=(Example("a value", path={"name": "invalid-value"}, headers=_JSON),),
        stored=False,
    ),
)
