"""A row of orders as the server keeps it."""

import attrs
import pytest

from adapters.redis_streams.read_model import _from_text, _to_text
from adapters.redis_streams.scores import score_of
from application.ports.read_model import OrderRow

ROW = OrderRow(
    checkout_id="c-1",
    client_id="ada",
    status="succeeded",
    version=4,
    position="1795354699412-3",
    updated_at_s=1795354699.421,
    commande_id="o-c-1",
)


@pytest.mark.parametrize(
    ("updated_at_s", "text"),
    [(1795354699.421, "+9"), (1795354699.411, "-1"), (1795354699.4215, "1795354699.4215")],
)
def test_its_time_is_told_from_its_position_where_that_is_exact(updated_at_s: float, text: str) -> None:
    row = attrs.evolve(ROW, updated_at_s=updated_at_s)
    kept = _to_text(row)

    assert kept.split(" ")[3] == text
    assert _from_text("ada", kept.encode(), score_of(row.position)) == row


def test_a_row_from_before_that_is_read() -> None:
    kept = b"c-1 4 s 1795354699.421 ~ = "
    assert _from_text("ada", kept, score_of(ROW.position)) == ROW
