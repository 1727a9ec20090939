"""Which server a command talks to: the one in REDIS_URL, or that of the instance running on DATA_DIR."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs

from entrypoints.commands.endings import Ended
from entrypoints.exit_codes import ExitCode
from entrypoints.hidden import hidden
from entrypoints.settings import Settings
from entrypoints.up.run_file import running_instance

if TYPE_CHECKING:
    from entrypoints.wiring.desks import Desks


@contextlib.contextmanager
def open_shop(settings: Settings) -> "Iterator[Desks]":
    """The use cases on the running server. Nothing is sent yet.

    Raises:
        Ended: no server is known.
    """
    settings = with_a_server(settings)
    # Half of the start-up time of a command, so only for those that need it, and once a server is known.
    with hidden():
        from dependency_injector import providers

        from entrypoints.wiring.desks import Desks

    container = Desks(settings=settings, role=providers.Object("cli"))
    try:
        yield container
    finally:
        container.redis().close()


def with_a_server(settings: Settings) -> Settings:
    """`settings` with a REDIS_URL.

    Raises:
        Ended: as `server_url` does.
    """
    return attrs.evolve(settings, redis_url=server_url(settings))


def server_url(settings: Settings) -> str:
    """Where the events are.

    Raises:
        Ended: nothing runs on DATA_DIR, or what runs there has not told where its events are.
    """
    if settings.redis_url:
        return settings.redis_url
    instance = running_instance(settings.data_dir)
    if instance is None:
        raise Ended(
            ExitCode.AWAY,
            f"nothing runs on DATA_DIR {settings.data_dir.absolute()}; start it with: comptoir up",
        )
    if not instance.redis_url:
        raise Ended(
            ExitCode.USAGE,
            f"the instance at {instance.url} was given a REDIS_URL; set the same one here",
        )
    return instance.redis_url
