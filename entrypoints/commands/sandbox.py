"""`comptoir sandbox`: a stand-in for the existing inventory and order services."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import orjson
from cyclopts import Parameter
from cyclopts.validators import Number

from adapters.sandbox.books import Books
from adapters.sandbox.faults import KINDS, Fault, FaultBook
from adapters.sandbox.journal import Journal
from adapters.sandbox.server import SandboxServer
from adapters.system_clock import SystemClock
from entrypoints.commands.parameters import flag
from entrypoints.commands.session import Here
from entrypoints.settings import Settings
from entrypoints.start_refused import StartRefused
from entrypoints.stop_signals import stop_event

API_KEY: Final = "sandbox"
"""What it accepts where API_KEY says nothing: it is no secret, for nobody else can reach it."""
MAGASIN_ID: Final = "magasin-1"
UNITS_MAX: Final = 1_000_000_000

Port = Annotated[
    int, Parameter(name="--port", validator=Number(gte=0, lte=65_535), help="0 takes any free one.")
]
Stock = Annotated[
    list[str] | None,
    Parameter(name="--stock", negative="", help="PRODUIT=UNITS, or a JSON file of them; may be repeated."),
]
Faults = Annotated[
    list[str] | None,
    Parameter(
        name="--fault",
        negative="",
        help="What goes wrong from the start: KIND,name=value,...; may be repeated. Kinds: "
        + "; ".join(f"{kind}: {meaning}" for kind, meaning in KINDS.items()),
    ),
]
Idempotent = Annotated[bool, flag("--idempotent", "A known Idempotency-Key gets the answer it got.")]
Seed = Annotated[int, Parameter(name="--seed", help="Of faults that have a probability.")]
Kept = Annotated[Path | None, Parameter(name="--file", help="Where it is all kept; nowhere without it.")]


def sandbox(
    *,
    port: Port = 8099,
    stock: Stock = None,
    fault: Faults = None,
    idempotent: Idempotent = False,
    seed: Seed = 0,
    file: Kept = None,
    here: Here,
) -> int:
    """Stand in for the existing inventory and order services, on this machine only, until Ctrl-C.

    POST /faults switches faults on while it runs, DELETE /faults off; GET /ledger tells every call and
    whether it had its effect; GET /stock what is left and what is sold.
    """
    faults = FaultBook(seed)
    for text in fault or ():
        faults.add(_fault(text))
    books = _books(idempotent, file)
    for given in stock or ():
        books.stock_up(_stock(given))
    try:
        server = SandboxServer(books, faults, api_key=_api_key(here.settings), port=port)
    except OSError as error:
        raise StartRefused(f"--port {port}: {error.strerror}") from None
    stop = stop_event()
    with server.running():
        here.console.print(_greeting(server, secret=bool(here.settings.api_key)), soft_wrap=True)
        stop.wait()
    return 0


def _greeting(server: SandboxServer, *, secret: bool) -> str:
    key = "" if secret else f" API_KEY={API_KEY}"
    return (
        f"An inventory and an order service stand in at {server.url}. Ctrl-C stops them. Try\n"
        f"  INVENTORY=http ORDERS=http KONG_URL={server.url}{key} MAGASIN_ID={MAGASIN_ID} comptoir up\n"
        f"  curl {server.url}/ledger\n"
        f'  curl {server.url}/faults -d \'{{"kind": "lost", "service": "orders", "calls": 1}}\''
    )


def _api_key(settings: Settings) -> str:
    return settings.api_key or API_KEY


def _fault(text: str) -> Fault:
    try:
        return Fault.of_text(text)
    except (ValueError, TypeError) as error:
        raise StartRefused(f"--fault {text}: {error.args[0]}") from None


def _books(idempotent: bool, file: Path | None) -> Books:
    try:
        return Books(SystemClock(), idempotent=idempotent, journal=Journal(file) if file else None)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StartRefused(f"--file {file}: {error}") from None


def _stock(given: str) -> Mapping[str, int]:
    produit_id, equals, units = given.partition("=")
    try:
        read = {produit_id: int(units)} if equals else orjson.loads(Path(given).read_bytes())
    except (OSError, ValueError) as error:
        raise StartRefused(f"--stock {given}: {error}") from None
    if not isinstance(read, dict) or not all(
        type(count) is int and 0 <= count <= UNITS_MAX for count in read.values()
    ):
        raise StartRefused(f"--stock {given}: must say 0 to {UNITS_MAX:,} units for each product")
    return read
