"""A table of many cheap cases as one test: a test for each would take longer to set up than to run."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest

Test = Callable[..., None]


def each_row(
    names: str | tuple[str, ...], rows: Iterable[Any], *, ids: Callable[[Any], str] = repr
) -> Callable[[Test], Test]:
    """As `pytest.mark.parametrize`, in one test: it goes on past a row that fails, and tells each that did.

    Fixtures are made once for all rows, so it is for tests that leave them as they were.
    """
    wanted = (names,) if isinstance(names, str) else names
    table = [(row,) if isinstance(names, str) else tuple(row) for row in rows]
    assert table, "a table without rows passes whatever is wrong"

    def of_test(test: Test) -> Test:
        @functools.wraps(test)
        def on_each_row(*owner: object, **fixtures: object) -> None:
            failures: list[BaseException] = []
            for row in table:
                try:
                    test(*owner, **fixtures, **dict(zip(wanted, row, strict=True)))
                except (Exception, pytest.fail.Exception) as failure:  # noqa: BLE001 - all are raised below, together
                    failure.add_note(f"in the row: {', '.join(map(ids, row))}")
                    failures.append(failure)
            if failures:
                named = "\n".join(note for failure in failures for note in failure.__notes__[-1:])
                raise BaseExceptionGroup(f"{len(failures)} of {len(table)} rows\n{named}\n", failures)

        signature = inspect.signature(test)
        left = [own for name, own in signature.parameters.items() if name not in wanted]
        on_each_row.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined] # what pytest reads
        return on_each_row

    return of_test
