"""Every operation, and which of them each kind of process answers."""

from types import ModuleType
from typing import Final

import attrs

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
from adapters.http.contract.operation import ApiName, Operation


@attrs.frozen
class Api:
    """What a process answers: all operations of each of its subjects."""

    title: str
    summary: str
    subjects: tuple[ModuleType, ...]
    reads_only: bool = False

    @property
    def tags(self) -> dict[str, str]:
        """Name -> meaning."""
        return {subject.TAG: (subject.__doc__ or "").strip() for subject in self.subjects}

    @property
    def operations(self) -> tuple[Operation, ...]:
        """In the order of the document."""
        return tuple(operation for subject in self.subjects for operation in subject.OPERATIONS)

    @property
    def schemas(self) -> dict[str, Schema]:
        """Name -> schema, of everything that `schemas.named` may mean."""
        return {name: schema for subject in self.subjects for name, schema in subject.SCHEMAS.items()}


_EVERYWHERE: Final = (health, pages, problems)

APIS: Final[dict[ApiName, Api]] = {
    "whole": Api(
        "Comptoir",
        "An event-driven checkout",
        (
            checkouts,
            orders,
            inventory,
            event_store,
            event_schemas,
            interventions,
            dead_letters,
            calls,
            *_EVERYWHERE,
        ),
    ),
    "event store": Api(
        "Comptoir's event store",
        "What has happened, and what is known of it",
        (event_store, orders, event_schemas, *_EVERYWHERE),
        reads_only=True,
    ),
}

OPERATIONS: Final = APIS["whole"].operations
TAG_OF: Final = {
    operation.id: subject.TAG for subject in APIS["whole"].subjects for operation in subject.OPERATIONS
}
