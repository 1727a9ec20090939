"""What holds for all of an operator's commands."""

from collections.abc import Callable

import pytest
from dependency_injector import providers

from application.ports.errors import Unavailable
from entrypoints.exit_codes import ExitCode
from tests.shop import Shop
from tests.terminal import Terminal
from tests.unit.entrypoints.operator.seen import RESERVATIONS, UNKNOWN


@pytest.mark.usefixtures("malformed")
@pytest.mark.parametrize("columns", [80, 104, 105, 200])
def test_every_answer_fits_the_screen(shop: Shop, held: str, given_up: str, columns: int) -> None:
    terminal = Terminal(shop=shop, columns=columns, environment={"LOGNAME": "ada"})
    for tokens in (
        ("checkouts", "stuck", "--older-than", "0s"),
        ("deadlines", "list"),
        ("deadlines", "postpone", held, "--by", "1h", "--reason", "x"),
        ("dead-letters", "list"),
        ("dead-letters", "show", RESERVATIONS),
        ("dead-letters", "redrive", RESERVATIONS),
        ("checkout", "cancel", given_up, "--reason", "x"),
    ):
        told = terminal.run(*tokens)
        assert told.code == 0, told
        assert max(len(line) for line in told.out.splitlines()) <= columns, tokens


@pytest.mark.parametrize("use_case", ["checkout_desk", "dead_letter_desk"])
def test_a_write_without_an_answer_says_what_to_do(shop: Shop, use_case: str) -> None:
    class Away:
        def __getattr__(self, name: str) -> Callable[..., None]:
            def call(*_: object, **__: object) -> None:
                raise Unavailable("TimeoutError: no answer")

            return call

    shop.container.providers[use_case].override(providers.Object(Away()))
    tokens = {
        "checkout_desk": ("checkout", "cancel", "k1"),
        "dead_letter_desk": ("dead-letters", "discard", UNKNOWN),
    }[use_case]

    away = Terminal(shop=shop).run(*tokens, "--reason", "x")

    assert away.code == ExitCode.AWAY
    assert "whether anything was written is not known; look, then ask again" in away.err
