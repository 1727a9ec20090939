"""Every operation of the service."""

from typing import Final

from adapters.codec.shapes import Schema
from adapters.http.contract import (
    calls,
    checkouts,
    dead_letters,
    event_schemas,
    event_store,
    health,
    interventions,
    inventory,
    orders,
    pages,
    problems,
)
from adapters.http.contract.operation import Operation

SUBJECTS: Final = (
    checkouts,
    orders,
    inventory,
    event_store,
    event_schemas,
    interventions,
    dead_letters,
    calls,
    health,
    pages,
    problems,
)

TAGS: Final = {subject.TAG: (subject.__doc__ or "").strip() for subject in SUBJECTS}

OPERATIONS: Final[tuple[Operation, ...]] = tuple(
    operation for subject in SUBJECTS for operation in subject.OPERATIONS
)
SCHEMAS: Final[dict[str, Schema]] = {
    name: schema for subject in SUBJECTS for name, schema in subject.SCHEMAS.items()
}
"""Name -> schema, of everything that `schemas.named` may mean."""
