"""What must hold when all is over. Each law names its offenders; there are none when it holds."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import attrs

from application.ports.event_store import StoredEntry
from application.ports.read_model import OrderRow
from application.project_orders import order_row
from domain.checkout.events import END_FACTS
from tests.chaos.evidence import Evidence, is_malformed

END_TYPES = frozenset(fact.__name__ for fact in END_FACTS)


def ends(evidence: Evidence) -> Counter[str]:
    """Checkout -> its end facts on the stream."""
    return _counted(evidence, END_TYPES)


def started(evidence: Evidence) -> Counter[str]:
    """Checkout -> its first facts on the stream."""
    return _counted(evidence, frozenset({"CheckoutInitiated"}))


def _counted(evidence: Evidence, types: frozenset[str]) -> Counter[str]:
    counted = (e for e in evidence.events if e.type in types and not is_malformed(e))
    return Counter(str(entry.checkout_id) for entry in counted)


def lost(evidence: Evidence) -> list[str]:
    """Accepted, and nowhere on the stream."""
    return sorted(evidence.accepted - started(evidence).keys())


def without_an_end(evidence: Evidence) -> list[str]:
    """Accepted or not: what has begun must end."""
    return sorted((evidence.accepted | started(evidence).keys()) - ends(evidence).keys())


def with_two_ends(evidence: Evidence) -> list[str]:
    return sorted(id_ for id_, count in ends(evidence).items() if count > 1)


def started_twice(evidence: Evidence) -> list[str]:
    return sorted(id_ for id_, count in started(evidence).items() if count > 1)


def after_its_end(evidence: Evidence) -> list[str]:
    """Checkouts to which something was added after their end."""
    return sorted(
        id_
        for id_, history in evidence.histories.items()
        if any(recorded.type in END_TYPES for recorded in history[:-1])
    )


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


def successes(evidence: Evidence) -> list[str]:
    """Checkouts that succeeded, one for each time that they did."""
    succeeded = (e for e in evidence.events if e.type == "CheckoutSucceeded" and not is_malformed(e))
    return [str(entry.checkout_id) for entry in succeeded]


def orders(evidence: Evidence) -> list[str]:
    """Checkouts with an order in the read model, one for each order."""
    rows = (row for rows in evidence.shown.values() for row in rows if row.status == "succeeded")
    return list({row.commande_id: row.checkout_id for row in rows}.values())


def order_without_success(evidence: Evidence) -> list[str]:
    """Checkouts that have an order and no success, or a success and no order, or one of them twice."""
    differing = Counter(orders(evidence))
    differing.subtract(successes(evidence))
    return sorted(id_ for id_, count in differing.items() if count)


def read_model_not_replay(evidence: Evidence) -> list[str]:
    """Clients whose rows are not what their checkouts' histories fold into."""
    expected: defaultdict[str, dict[str, OrderRow]] = defaultdict(dict)
    for history in evidence.histories.values():
        if row := order_row(history):
            expected[row.client_id][row.checkout_id] = _told_by(row)
    shown = {
        client_id: {row.checkout_id: _told_by(row) for row in rows}
        for client_id, rows in evidence.shown.items()
    }
    doubled = {client_id for client_id, rows in evidence.shown.items() if len(rows) != len(shown[client_id])}
    clients = expected.keys() | shown.keys()
    return sorted(doubled | {id_ for id_ in clients if expected.get(id_, {}) != shown.get(id_, {})})


def _told_by(row: OrderRow) -> OrderRow:
    """Without what may differ between two readings of one history."""
    return attrs.evolve(row, version=0, updated_at_s=0)


def audit_not_the_events(evidence: Evidence) -> list[str]:
    """Positions that the audit trail has not once, and lines about no event."""
    lines = Counter(evidence.audited)
    lines.subtract(entry.position for entry in evidence.events)
    return [f"{position} {count:+d}" for position, count in sorted(lines.items()) if count]


def not_told(evidence: Evidence) -> list[str]:
    """Checkouts whose end nobody was told, and notices of what has not ended."""
    return sorted(evidence.told ^ ends(evidence).keys())


def unexpected_letters(evidence: Evidence) -> list[str]:
    """Dead letters of what makes sense, and those that are kept twice."""
    expected = set(expected_letters(evidence))
    found = []
    for letter in evidence.letters:
        if (letter.group, letter.position) in expected:
            expected.remove((letter.group, letter.position))
        else:
            found.append(f"{letter.group} {letter.position} {letter.type}: {letter.reason}")
    return found


def missing_letters(evidence: Evidence) -> list[str]:
    """What makes no sense, and a group that opens it has let it pass."""
    found = {(letter.group, letter.position) for letter in evidence.letters}
    return [
        f"{group} {position}"
        for group, position in expected_letters(evidence)
        if (group, position) not in found
    ]


def expected_letters(evidence: Evidence) -> list[tuple[str, str]]:
    """(group, position): one for each group that opens it, of each entry that makes no sense."""
    return [
        (group, entry.position)
        for entry in malformed(evidence)
        for group in sorted(evidence.openers.get(entry.type or "", frozenset()))
    ]


def malformed(evidence: Evidence) -> Sequence[StoredEntry]:
    """The entries that make no sense."""
    return [entry for entry in evidence.events if is_malformed(entry)]


def left(evidence: Evidence) -> Iterator[str]:
    """Groups that have not dealt with everything."""
    for group, (waiting, pending) in evidence.left.items():
        if waiting or pending:
            yield f"{group}: {waiting} not handed out, {pending} not acknowledged"
