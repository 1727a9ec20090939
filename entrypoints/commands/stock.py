"""`comptoir stock`: take units in, see what there is."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import RenderableType
from rich.text import Text

from adapters.http.rendering.shop import received_to_wire, stock_to_wire
from application.questions.show_stock import StockView
from application.requests.receive_stock import Received
from domain.identifiers import identifier
from domain.inventory.stock_item import RECEIPT_UNITS_MAX
from entrypoints import exit_codes
from entrypoints.commands.endings import not_found
from entrypoints.commands.idempotency import Key, asking_with
from entrypoints.commands.look import WIDE_COLUMNS, above, note, sentence, share, table
from entrypoints.commands.parameters import PAGE_DEFAULT, PAGE_MAX, Count, Json
from entrypoints.commands.session import Here
from entrypoints.commands.wording import count_of

app = App(name="stock", help="Take units into stock, and see what there is.", help_epilogue=exit_codes.HINT)

Produit = Annotated[str, Parameter(name="PRODUIT", help="Id of a product.")]
Quantite = Annotated[int, Parameter(name="QUANTITE", help=f"Units received, 1 to {RECEIPT_UNITS_MAX:,}.")]


@app.command
def receive(
    produit: Produit, quantite: Quantite, /, *, key: Key = None, json: Json = False, here: Here
) -> None:
    """Take units of a product into stock."""
    product = identifier(produit, "PRODUIT")
    with asking_with(key):
        received = here.shop.receiver().receive(produit_id=product, units=quantite, key=key)
    here.answer(received_to_wire(received), lambda: _receipt(received), as_json=json)


@app.command
def show(
    produit: Produit | None = None, /, *, count: Count = PAGE_DEFAULT, json: Json = False, here: Here
) -> None:
    """Show the stock of one product, or of all of them."""
    if produit is not None:
        view = here.shop.stock().of(identifier(produit, "PRODUIT"))
        if view is None:
            raise not_found(f"stock of {produit}: nothing was ever received of it")
        here.answer(stock_to_wire(view), lambda: _shelf([view], here.console.width), as_json=json)
        return
    found = here.shop.stock().all(count=count + 1)
    views, more = found[:count], len(found) > count
    wire = {"produits": [stock_to_wire(view) for view in views], "more": more}
    here.answer(wire, lambda: _all(views, more, here.console.width), as_json=json)


def _receipt(received: Received) -> RenderableType:
    units = f"{count_of(received.units, 'unit')} of {received.produit_id}"
    said = f"{units} had been received with this key before" if received.replayed else f"received {units}"
    return sentence(said, fresh=not received.replayed)


def _all(views: Sequence[StockView], more: bool, width: int) -> RenderableType:
    if not views:
        return note("no product has stock yet; try: comptoir stock receive PRODUIT QUANTITE")
    hint = f"there are more products; --count shows up to {PAGE_MAX}" if more else None
    return above(_shelf(views, width), note(hint) if hint else None)


def _shelf(views: Sequence[StockView], width: int) -> RenderableType:
    made = table("product", "free", "held", "", right=("free", "held"))
    most = max(view.units_free + view.units_held for view in views)
    for view in views:
        bar = share(view.units_free, view.units_held, most, width=40 if width >= WIDE_COLUMNS else 20)
        made.add_row(Text(view.produit_id, "bold cyan"), f"{view.units_free:,}", f"{view.units_held:,}", bar)
    return made
