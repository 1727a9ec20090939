"""Whether the service can do its work."""

from typing import Protocol


class Readiness(Protocol):
    """Asked often; must answer within the time of one request."""

    def problems(self) -> dict[str, str]:
        """What is not ready -> why; empty when all is. Never raises."""
