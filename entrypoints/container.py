"""The one place where ports meet adapters: in `entrypoints/wiring/`, by what each role needs of it.

`backend` is "redis" in production and "memory" for tests and for a quick look. Anything may be
overridden, as tests do with the clock.
"""

from entrypoints.wiring.desks import Desks
from entrypoints.wiring.workers import Workers, worker_of

__all__ = ["Container", "worker_of"]


class Container(Workers, Desks):
    """All of it, for whoever is every role at once. Give it what `Ports` wants."""
