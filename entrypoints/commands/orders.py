"""`comptoir orders`: what a client has ordered."""

from typing import Annotated

from cyclopts import Parameter
from rich.console import RenderableType
from rich.text import Text

from adapters.http.rendering.shop import client_orders_to_wire
from application.ports.read_model import ClientOrders, OrderRow
from domain.identifiers import identifier
from entrypoints.commands.endings import position_given_as
from entrypoints.commands.look import above, heading, more_after, status, table
from entrypoints.commands.parameters import PAGE_DEFAULT, After, Count, Json
from entrypoints.commands.session import Here
from entrypoints.commands.wording import amount, count_of, day_and_time, plain

ClientId = Annotated[str, Parameter(name="CLIENT_ID", help="Id of a client.")]


def orders(
    client_id: ClientId,
    /,
    *,
    count: Count = PAGE_DEFAULT,
    after: After = None,
    json: Json = False,
    here: Here,
) -> None:
    """List a client's orders, newest first."""
    client = identifier(client_id, "CLIENT_ID")
    with position_given_as("--after"):
        found = here.shop.orders().of_client(client, count=count, after=after)
    here.answer(client_orders_to_wire(found), lambda: _view(found), as_json=json)


def _view(found: ClientOrders) -> RenderableType:
    figures = f"{count_of(found.total_orders, 'order')}, {found.total_failed:,} failed"
    title = Text.assemble(heading("client", found.client_id), f"  {figures}")
    if not found.rows:
        return title
    made = table("updated", "checkout", "", "order or reason", "total", right=("total",))
    for row in found.rows:
        made.add_row(*_row(row))
    return above(title, made, more_after(found.next))


def _row(row: OrderRow) -> tuple[RenderableType, ...]:
    return (
        Text(day_and_time(row.updated_at_s), "dim"),
        Text(plain(row.checkout_id), "cyan"),
        status(row.status),
        plain((row.reason if row.status == "failed" else row.commande_id) or "-"),
        "-" if row.total is None else amount(row.total),
    )
