"""What must hold of every product's stock. Each law names its offenders."""

from collections import Counter, defaultdict

import attrs

from tests.chaos.checkout_laws import successes
from tests.chaos.evidence import Evidence, is_malformed


@attrs.define
class _Product:
    received: int = 0
    held: Counter[str] = attrs.Factory(Counter)
    oversold: bool = False

    @property
    def free(self) -> int:
        return self.received - self.held.total()


def _products(evidence: Evidence) -> dict[str, _Product]:
    products: defaultdict[str, _Product] = defaultdict(_Product)
    for entry in evidence.stock_events:
        assert isinstance(entry.payload, dict), entry
        product, units = products[entry.payload["produit_id"]], entry.payload.get("quantite", 0)
        match entry.type:
            case "UnitsReceived":
                product.received += units
            case "UnitsHeld":
                product.held[str(entry.checkout_id)] += units
            case "UnitsReleased":
                product.held[str(entry.checkout_id)] -= units
        product.oversold |= product.free < 0 or product.held[str(entry.checkout_id)] < 0
    return products


def oversold(evidence: Evidence) -> list[str]:
    """Products of which more was held, or given back, than there was."""
    return sorted(id_ for id_, product in _products(evidence).items() if product.oversold)


def stock_not_conserved(evidence: Evidence) -> list[str]:
    """Products where received = free + held by what succeeded does not hold, or something else is shown."""
    products = _products(evidence)
    wanted = _wanted_by_what_succeeded(evidence)
    found = []
    for id_, units in evidence.received.items():
        product = products.get(id_, _Product())
        shown = evidence.stock_shown.get(id_)
        if product.received != units:
            found.append(f"{id_}: {units} were received, {product.received} are on the stream")
        if shown != (product.free, product.held.total()):
            found.append(f"{id_}: {shown} shown, {(product.free, product.held.total())} on the stream")
        found += [
            f"{id_}: {held} held for {checkout_id}, which is due {due}"
            for checkout_id in sorted(product.held.keys() | wanted[id_].keys())
            if (held := product.held[checkout_id]) != (due := wanted[id_][checkout_id])
        ]
    return found


def _wanted_by_what_succeeded(evidence: Evidence) -> defaultdict[str, Counter[str]]:
    wanted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    succeeded = set(successes(evidence))
    for entry in evidence.events:
        if entry.type == "CheckoutInitiated" and entry.checkout_id in succeeded and not is_malformed(entry):
            for line in entry.payload["panier"]["produits"]:  # type: ignore[index]  # it has succeeded
                wanted[line["produit_id"]][entry.checkout_id] = line["quantite"]
    return wanted
