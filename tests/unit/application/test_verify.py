"""What does not agree is found, each thing by itself; what agrees is not complained about."""

from collections.abc import Callable

import attrs
import pytest

from adapters.codec.snapshots import encode_snapshot
from adapters.inmemory.log import StreamLog, place_of, text_of
from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.event_bus import Subscription
from application.verify.verdict import FINDINGS_MAX, Check, Verdict
from application.verify.verifier import Audited
from domain.inventory.stock_item import StockItem
from tests.shop import CLIENT, Shop

COUNT = 10_000


@pytest.fixture
def shop() -> Shop:
    """One checkout that succeeded, one that failed, and nothing left to do."""
    shop = Shop()
    shop.receive({"pencil": 10})
    for units in (3, 50):
        shop.start({"pencil": units})
    shop.run()
    return shop


def audited(shop: Shop) -> Audited:
    """A trail that has a line for each entry."""
    entries = shop.store.page(CHECKOUTS, count=COUNT).entries
    return Audited({entry.position: entry.event_id for entry in entries}, whole=True)


def verified(shop: Shop, trail: Audited | None = None, gone_until: str = "0-0") -> Verdict:
    verdict = shop.container.verifier().verify(count=COUNT, audited=trail, gone_until=gone_until)
    assert isinstance(verdict, Verdict)
    return verdict


def found(shop: Shop, check: Check, trail: Audited | None = None) -> list[str]:
    """What one check finds; no other finds anything."""
    verdict = verified(shop, trail)
    assert verdict.findings == verdict.of(check)
    return [finding.what for finding in verdict.findings]


def test_an_honest_shop_agrees_in_everything(shop: Shop) -> None:
    verdict = verified(shop, audited(shop))

    assert verdict.agrees
    assert verdict.whole
    assert verdict.looked_at == {
        "groups": 7,
        "histories": 7,
        "stock": 3,
        "read model": 2,
        "audit trail": 7,
    }


def test_an_empty_shop_agrees() -> None:
    assert verified(Shop(), Audited({}, whole=True)).agrees


def test_work_that_waits_is_not_held_against_anybody(shop: Shop) -> None:
    shop.start({"pencil": 1}, client_id="bob")
    shop.run("deadline")

    verdict = verified(shop, audited(shop))

    assert verdict.agrees
    assert verdict.open_checkouts == 1


def test_what_another_program_wrote_agrees_adopted_or_not(shop: Shop) -> None:
    shop.log.add(CHECKOUTS, {b"type": b"Nonsense", b"payload": b"{"})
    assert verified(shop, audited(shop)).agrees
    shop.run()
    assert verified(shop, audited(shop)).agrees


def test_a_group_beyond_the_end_of_the_stream_is_found(shop: Shop) -> None:
    log = shop.log.stream(CHECKOUTS)
    log.groups["checkout-order"].cursor = (log.last[0] + 1, 0)

    (what,) = found(shop, "groups")

    assert "beyond the end" in what


def test_a_checkpoint_beyond_its_group_is_found(shop: Shop) -> None:
    log = shop.log.stream(CHECKOUTS)
    log.groups["checkout-order"].cursor = log.places[0]
    log.checkpoints["checkout-order"] = log.last

    (what,) = found(shop, "groups")

    assert "beyond its cursor" in what


def test_a_group_that_is_gone_is_found(shop: Shop) -> None:
    del shop.log.stream(CHECKOUTS).groups["checkout-order"]

    assert found(shop, "groups") == ["there is no such group; its worker makes it when it starts"]


def test_a_pending_delivery_of_an_entry_that_is_gone_is_found(shop: Shop) -> None:
    position = shop.log.add(CHECKOUTS, {b"type": b"Foreign"})
    auditor = Subscription(stream=CHECKOUTS, group="checkout-audit", consumer="c-1")
    shop.bus.receive(auditor, count=1, block_ms=0)
    shop.log.remove(CHECKOUTS, position)
    log = shop.log.stream(CHECKOUTS)
    log.groups["checkout-audit"].cursor = log.places[-1]

    assert found(shop, "groups") == [f"{position} is pending, and not on {CHECKOUTS}"]


@pytest.mark.parametrize(("which", "said"), [(0, "are not 1 to"), (-1, "the stream has 2")])
def test_an_entry_that_a_history_misses_is_found(shop: Shop, which: int, said: str) -> None:
    failed = shop.orders().rows[0].checkout_id
    history = [event.recorded.position for event in shop.replay(failed).events]
    shop.log.remove(CHECKOUTS, history[which])
    for group in shop.log.stream(CHECKOUTS).groups.values():
        group.cursor = shop.log.stream(CHECKOUTS).places[-1]
    shop.log.stream(CHECKOUTS).checkpoints.clear()

    verdict = verified(shop)

    assert any(said in finding.what for finding in verdict.of("histories")), verdict.findings


def test_an_entry_that_no_history_knows_is_found(shop: Shop) -> None:
    log = shop.log.stream(CHECKOUTS)
    position = text_of(log.last)
    for index in log.index.values():
        for event_id in [id_ for id_, (at, _) in index.items() if at == position]:
            del index[event_id]

    assert found(shop, "histories") == ["CheckoutFailed is in no checkout's history"]


def change_a_row(shop: Shop) -> None:
    (row,) = [row for row in shop.orders().rows if row.status == "succeeded"]
    shop.container.read_model().apply([attrs.evolve(row, version=9, reason="?", status="created")])


def add_a_row(shop: Shop) -> None:
    row = shop.orders().rows[-1]
    other = attrs.evolve(row, checkout_id="never-was", commande_id="o-never-was", position="1-0")
    shop.container.read_model().apply([other])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [(change_a_row, "it shows created, 30.0; replay says succeeded"), (add_a_row, "no such checkout")],
)
def test_a_read_model_that_replay_does_not_bear_out_is_found(
    shop: Shop, spoil: Callable[[Shop], None], said: str
) -> None:
    spoil(shop)

    whats = found(shop, "read model")

    assert any(said in what for what in whats), whats


def test_a_row_that_is_missing_is_found() -> None:
    shop = Shop()
    shop.receive({"pencil": 10})
    shop.start({"pencil": 1})
    shop.run(*(name for name in shop.workers if name != "cqrs-projection"))
    log = shop.log.stream(CHECKOUTS)
    log.group("checkout-cqrs").cursor = log.last

    assert found(shop, "read model") == ["it has no row; replay says succeeded"]


def counters(log: StreamLog) -> None:
    log.snapshots["pencil"] = encode_snapshot(StockItem(units_received=10, units_held=2), 3)


def older_counters(log: StreamLog) -> None:
    log.snapshots["pencil"] = encode_snapshot(StockItem(units_received=10), 1)


def no_beginning(log: StreamLog) -> None:
    del log.entries[text_of(log.places.pop(0))]


def no_end(log: StreamLog) -> None:
    del log.entries[text_of(log.places.pop())]


def no_index(log: StreamLog) -> None:
    (event_id,) = [id_ for id_, (at, _) in log.index["pencil"].items() if place_of(at) == log.last]
    log.index["pencil"]["another"] = log.index["pencil"].pop(event_id)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (counters, "its counters say 8 free and 2 held, its movements 7 free and 3 held"),
        (older_counters, "its counters are of version 1, its history is at 3"),
        (no_beginning, "its first event on the stream is version 2"),
        (no_end, "3 events are noted, the stream ends at 2"),
        (no_index, "UnitsRefused is not in the product's history"),
    ],
)
def test_stock_that_does_not_add_up_is_found(
    shop: Shop, spoil: Callable[[StreamLog], None], said: str
) -> None:
    spoil(shop.log.stream(INVENTORY))

    assert found(shop, "stock") == [said]


def test_stock_whose_middle_is_gone_is_found(shop: Shop) -> None:
    shop.start({"pencil": 1})
    shop.run()
    log = shop.log.stream(INVENTORY)
    del log.entries[text_of(log.places.pop(1))]

    assert found(shop, "stock") == ["version 1 comes right before version 3"]


def test_what_the_audit_trail_has_and_the_stream_has_not_is_found_until_it_is_known(shop: Shop) -> None:
    trail = audited(shop)
    lost = [f"{shop.log.stream(CHECKOUTS).last[0] + 1}-{n}" for n in range(2)]
    longer = attrs.evolve(trail, lines={**trail.lines, **dict.fromkeys(lost)})

    assert found(shop, "audit trail", longer) == ["it is audited, and not on the stream"] * 2
    known = verified(shop, longer, gone_until=lost[1])
    assert known.agrees
    assert known.gone == lost


def test_a_line_of_another_event_and_one_that_is_missing_are_found(shop: Shop) -> None:
    lines = dict(audited(shop).lines)
    first, second = sorted(lines, key=place_of)[:2]

    assert found(shop, "audit trail", Audited(lines | {first: "another"}, whole=True)) == [
        "the line there tells of another event"
    ]
    del lines[second]
    missing = "the audit worker is done with it, and it has no line"
    assert found(shop, "audit trail", Audited(lines, whole=True)) == [missing]
    assert found(shop, "audit trail", Audited(lines, whole=False)) == []


def test_a_look_at_the_newest_finds_no_fault_with_what_was_left_out(shop: Shop) -> None:
    trail = audited(shop)
    for count in range(1, 7):
        verdict = shop.container.verifier().verify(count=count, audited=trail)
        assert verdict.agrees, verdict.findings
        assert not verdict.whole


def test_findings_beyond_a_bound_are_counted(shop: Shop) -> None:
    lost = {f"9999999999999-{n}": None for n in range(FINDINGS_MAX + 5)}

    verdict = verified(shop, Audited({**audited(shop).lines, **lost}, whole=True))

    assert (len(verdict.findings), verdict.findings_more) == (FINDINGS_MAX, 5)
    assert shop.orders(CLIENT).total_orders == 1
