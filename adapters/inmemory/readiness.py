"""Memory is always ready."""

from application.ports.readiness import Readiness


class InMemoryReadiness(Readiness):
    def problems(self) -> dict[str, str]:
        return {}
