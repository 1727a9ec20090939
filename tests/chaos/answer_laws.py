"""What must hold of all that was made from the events: read model, audit trail, notices. Each law names its
offenders."""

from collections import Counter, defaultdict

import attrs

from application.ports.read_model import OrderRow
from application.steps.project_orders import order_row
from tests.chaos.checkout_laws import ends, successes
from tests.chaos.evidence import Evidence


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
