"""What must hold of the services that were there before: their own ledger is the judge. Each law names its
offenders."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from tests.chaos.checkout_laws import successes
from tests.chaos.evidence import Evidence, is_malformed
from tests.chaos.verdict import Row, equal, law


@attrs.frozen(kw_only=True)
class Ledger:
    """What the services have at the end. `entries`: every call that they were asked for."""

    shelves: Mapping[str, int]
    """Product -> units at the beginning."""
    stock: Mapping[str, int]
    sold: Mapping[str, int]
    entries: Sequence[Mapping[str, Any]]
    in_doubt: Sequence[str] = ()
    """Calls that nobody has decided."""

    @property
    def effects(self) -> list[Mapping[str, Any]]:
        """The calls that had their effect."""
        return [entry for entry in self.entries if entry["happened"]]


def existing_laws(evidence: Evidence, ledger: Ledger) -> list[Row]:
    """Every law, held against the ledger."""
    return [
        law("their stock, not conserved", not_conserved(ledger)),
        law("their sales, not what succeeded", not_what_succeeded(evidence, ledger)),
        law("their calls with two effects", twice(ledger)),
        equal("calls left in doubt", 0, len(ledger.in_doubt)),
    ]


def not_conserved(ledger: Ledger) -> list[str]:
    """Products of which there was not what is left and what is sold."""
    return [
        f"{id_}: {units} were there, {ledger.stock[id_]} are left and {ledger.sold.get(id_, 0)} sold"
        for id_, units in ledger.shelves.items()
        if not 0 <= ledger.stock[id_] == units - ledger.sold.get(id_, 0)
    ]


def not_what_succeeded(evidence: Evidence, ledger: Ledger) -> list[str]:
    """(Client, product, units) that was sold another number of times than checkouts with it succeeded."""
    cancelled = {entry["vente_id"] for entry in ledger.effects if entry["operation"] == "cancel"}
    standing = Counter(
        (entry["client_id"], entry["produit_id"], entry["quantite"])
        for entry in ledger.effects
        if entry["operation"] == "enter" and entry["vente_id"] not in cancelled
    )
    standing.subtract(_lines_of_what_succeeded(evidence))
    return [f"{sale}: {count:+d}" for sale, count in sorted(standing.items()) if count]


def twice(ledger: Ledger) -> list[str]:
    """Calls that had their effect more than once."""
    counted = Counter((entry["operation"], entry["key"]) for entry in ledger.effects)
    return [f"{operation} {key}" for (operation, key), count in counted.items() if count > 1]


def _lines_of_what_succeeded(evidence: Evidence) -> Counter[tuple[str, str, int]]:
    succeeded = set(successes(evidence))
    lines: Counter[tuple[str, str, int]] = Counter()
    for entry in evidence.events:
        if entry.type == "CheckoutInitiated" and entry.checkout_id in succeeded and not is_malformed(entry):
            payload: Any = entry.payload
            units: Counter[str] = Counter()
            for line in payload["panier"]["produits"]:
                units[line["produit_id"]] += line["quantite"]
            lines.update((payload["client_id"], id_, count) for id_, count in units.items())
    return lines
