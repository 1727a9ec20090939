"""What a route promises."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

import attrs

from adapters.codec.shapes import Schema
from adapters.http import problem_kinds as kinds
from adapters.http.answers import JSON
from adapters.http.door.access import Access, access_to
from adapters.http.limits import HttpLimits
from adapters.http.problem_kinds import Kind

_OF_A_BODY: Final = (
    kinds.BAD_REQUEST,
    kinds.BROKEN_JSON,
    kinds.BODY_TOO_LARGE,
    kinds.WRONG_CONTENT_TYPE,
    kinds.REFUSED,
)

ApiName = Literal["whole", "event store"]
"""The kinds of process that answer, by the part of the service that is theirs."""

NO_PARAMETERS: Final[Mapping[str, str]] = {}


@attrs.frozen
class Parameter:
    """A query parameter or a header of a request. `schema` may depend on the limits in force."""

    name: str
    place: str  # query, header or path
    description: str
    schema: Schema | Callable[[HttpLimits], Schema]
    example: object = None

    def within(self, limits: HttpLimits) -> Schema:
        """Its schema."""
        return self.schema(limits) if callable(self.schema) else self.schema


@attrs.frozen
class Header:
    """A header of an answer. One that is not `always` there may be missing."""

    name: str
    description: str
    schema: Schema
    always: bool = True


@attrs.frozen
class Answer:
    """An answer that is no problem. Without a schema it has no body."""

    status: int
    description: str
    schema: Schema | None = None
    headers: tuple[Header, ...] = attrs.field(default=(), kw_only=True)
    content_type: str = attrs.field(default=JSON, kw_only=True)
    recorded: bool = attrs.field(default=True, kw_only=True)
    """Whether its examples are worth being written down."""


@attrs.frozen
class Example:
    """A request that is answered with the first of its operation's answers."""

    name: str
    path: Mapping[str, str] = attrs.field(default=NO_PARAMETERS, kw_only=True)
    query: Mapping[str, str] = attrs.field(default=NO_PARAMETERS, kw_only=True)
    headers: Mapping[str, str] = attrs.field(default=NO_PARAMETERS, kw_only=True)
    body: Any = attrs.field(default=None, kw_only=True)


@attrs.frozen
class Operation:
    """A method of a path, and its `endpoint`, as Flask and the table of access call it.

    `validated`: it has an ETag. `paged`: it leads to the next page. `queued`: it waits its turn, and may be
    turned away. `stored`: it asks the store, which may not answer. Several answers of one status differ in
    content type.
    """

    method: str
    path: str
    endpoint: str = attrs.field(kw_only=True)
    id: str = attrs.field(kw_only=True)
    summary: str = attrs.field(kw_only=True)
    description: str = attrs.field(default="", kw_only=True)
    parameters: tuple[Parameter, ...] = attrs.field(default=(), kw_only=True)
    body: Schema | None = attrs.field(default=None, kw_only=True)
    answers: tuple[Answer, ...] = attrs.field(kw_only=True)
    problems: tuple[Kind, ...] = attrs.field(default=(), kw_only=True)
    examples: tuple[Example, ...] = attrs.field(kw_only=True)
    validated: bool = attrs.field(default=False, kw_only=True)
    paged: bool = attrs.field(default=False, kw_only=True)
    queued: bool = attrs.field(default=True, kw_only=True)
    stored: bool = attrs.field(default=True, kw_only=True)

    @property
    def access(self) -> Access:
        """The scope that it needs, where keys are in force."""
        return access_to(self.endpoint)

    @property
    def every_problem(self) -> tuple[Kind, ...]:
        """Its own problems, and those that its form brings about, by status."""
        found = {*self.problems, kinds.INVALID_VALUE, kinds.INTERNAL_ERROR}
        found |= {*_OF_A_BODY} if self.body else set()
        found |= set() if self.access == "open" else {kinds.KEY_NEEDED, kinds.SCOPE_MISSING}
        found |= {kinds.UNAVAILABLE} if self.stored else set()
        found |= {kinds.OVERLOADED} if self.queued else set()
        found |= {kinds.TOO_MANY_REQUESTS} if self.queued and self.access != "open" else set()
        return tuple(sorted(found, key=lambda kind: (kind.status, kind.name)))
