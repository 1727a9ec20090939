"""What a supervisor has to tell of the processes that it keeps running."""

from collections.abc import Mapping
from typing import Literal

import attrs


@attrs.frozen
class News:
    """`text` is for people; `event`, about `process`, with `more` is the same as a log line."""

    text: str
    event: str
    process: str
    level: Literal["info", "warning"] = "warning"
    more: Mapping[str, object] = attrs.Factory(dict)
