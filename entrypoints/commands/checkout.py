"""`comptoir checkout`: start one, see how it stands, follow it to its end."""

import sys
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number
from rich.console import RenderableType

from adapters.http.checkout_body import own_form
from adapters.http.rendering.shop import checkout_to_wire, started_to_wire
from application.questions.explain_checkout import Explanation
from application.requests.start_checkout import Started
from domain.identifiers import identifier
from entrypoints import exit_codes
from entrypoints.commands.checkout_file import STANDARD_INPUT, read_body
from entrypoints.commands.endings import Ended
from entrypoints.commands.follow import display_on, ended_as, watch
from entrypoints.commands.idempotency import Key, asking_with
from entrypoints.commands.look import above, heading, note, sentence
from entrypoints.commands.parameters import CheckoutId, Json, flag
from entrypoints.commands.session import Here
from entrypoints.commands.views.explanation import around, no_checkout
from entrypoints.commands.views.story import awaited, standing, steps
from entrypoints.exit_codes import ExitCode

FOLLOW_S = 60.0
FOLLOW_MAX_S = 86_400.0

app = App(
    name="checkout", help="Start a checkout, and see what becomes of it.", help_epilogue=exit_codes.HINT
)

File = Annotated[
    str,
    Parameter(
        name="FILE",
        allow_leading_hyphen=True,
        help="JSON as for POST /api/checkouts; - is standard input.",
    ),
]
Follow = Annotated[bool, flag("--follow", "Watch it until it ends.")]
TimeoutS = Annotated[
    float,
    Parameter(
        name="--timeout-s",
        validator=Number(gt=0, lte=FOLLOW_MAX_S),
        help="With --follow: how many seconds to watch at most.",
    ),
]


@app.command
def start(file: File = STANDARD_INPUT, /, *, key: Key = None, json: Json = False, here: Here) -> None:
    """Start a checkout.

    Its JSON names a client and what is in the cart:
    {"client_id": "ada", "panier": {"produits": [{"produit_id": "pencil", "quantite": 3}]}}
    """
    if file == STANDARD_INPUT and here.stdin().isatty():
        print("reading the checkout as JSON; Ctrl-D ends it", file=sys.stderr)  # noqa: T201 - for people only
    body = read_body(file, stdin=here.stdin(), bytes_max=here.settings.body_max_bytes)
    wanted = own_form(body)
    with asking_with(key):
        started = here.shop.starter().start(**wanted, key=key)
    here.answer(started_to_wire(started, wanted["client_id"]), lambda: _started(started), as_json=json)


@app.command
def show(
    id: CheckoutId,
    /,
    *,
    follow: Follow = False,
    timeout_s: TimeoutS = FOLLOW_S,
    json: Json = False,
    here: Here,
) -> ExitCode:
    """Show where a checkout stands and how it got there."""
    checkout_id = identifier(id, "ID")
    if not follow:
        told = here.shop.explainer().explain(checkout_id)
        if told is None:
            raise no_checkout(checkout_id)
        here.answer(checkout_to_wire(told.replay), lambda: _story(told), as_json=json)
        return ExitCode.FINE
    if json:
        replay = watch(here, checkout_id, timeout_s=timeout_s, show=lambda _: None)
        here.answer(checkout_to_wire(replay), lambda: standing(replay), as_json=True)
    else:
        with display_on(here.console) as display:
            replay = watch(here, checkout_id, timeout_s=timeout_s, show=display)
    if (awaits := awaited(replay)) is not None:
        raise Ended(ExitCode.OPEN, f"still open after {timeout_s:g} s, waiting for {awaits}")
    return ended_as(replay)


def _started(started: Started) -> RenderableType:
    said = "had been started with this key before" if started.replayed else "has started"
    begun = heading("checkout", started.checkout_id)
    return above(
        sentence(begun, f" {said}", fresh=not started.replayed),
        note(f"see what becomes of it: comptoir checkout show {started.checkout_id} --follow"),
    )


def _story(told: Explanation) -> RenderableType:
    return above(standing(told.replay), steps(told.replay), around(told))
