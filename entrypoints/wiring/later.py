"""A class that is imported when the first of it is made."""

import pkgutil
from typing import Any

import attrs


@attrs.frozen
class Later:
    """Stands for what is at `path`, `module:name`: many processes start at once, and each needs a part."""

    path: str

    def __call__(self, *given: object, **options: object) -> Any:
        """Make one."""
        return pkgutil.resolve_name(self.path)(*given, **options)
