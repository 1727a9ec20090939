"""What must hold once nothing is left to do."""

from collections import Counter
from decimal import Decimal
from typing import cast

from adapters.inmemory.log import DeadEntry, StreamLog, text_of
from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.read_model import OrderRow
from application.questions.show_stock import StockRoom
from domain.checkout.saga import AUDIT, CQRS_PROJECTION, NOTIFICATION, STEPS, STOCK_COMPENSATION
from tests.simulation.laws import (
    AUDITED,
    DEAD_LETTERS,
    GIVEN_UP,
    NO_HOLD_OUTLIVES,
    NOT_STUCK,
    READ_MODEL,
    STOCK_ANSWER,
    TOLD,
    hold,
)
from tests.simulation.processes import CLIENTS
from tests.simulation.stories import Story, entry_at, stories
from tests.simulation.trouble import CLOSED
from tests.simulation.watch import ROWS_MAX
from tests.simulation.world import World


def check_endings(world: World) -> None:
    """Check all of it, on a world that has come to rest."""
    log = world.log.stream(CHECKOUTS)
    told = {id_: story for id_, story in stories(log).items() if story.state}
    stories(world.log.stream(INVENTORY))
    everything_has_ended(world, told)
    holds_match_ends(world, told)
    the_stock_shown_is_the_stock_there(world)
    only_the_bad_are_dead(world, log)
    what_was_given_up_is_told(log, told)
    if world.weather.consumers[CQRS_PROJECTION]:
        the_read_model_is_the_replay(world, told)
    if world.weather.consumers[AUDIT]:
        every_entry_is_audited(world, log)
    if world.weather.consumers[NOTIFICATION]:
        every_end_is_told(world, told)


def everything_has_ended(world: World, told: dict[str, Story]) -> None:
    open_ = {id_: story.state for id_, story in told.items() if story.state not in {"succeeded", "failed"}}
    hold(NOT_STUCK, not open_, open_)
    for id_ in world.accepted:
        hold(NOT_STUCK, id_ in told, f"{id_} was accepted and is gone")
    hold(NOT_STUCK, world.nothing_is_left(), "a group has deliveries left")
    still_noted = world.open_checkouts.oldest(count=ROWS_MAX)
    hold(NOT_STUCK, not still_noted, f"{still_noted} are noted as open")


def holds_match_ends(world: World, told: dict[str, Story]) -> None:
    for produit_id, product in world.watch.products.items():
        for id_, units in product.held.items():
            failed = id_ not in told or told[id_].state != "succeeded"
            hold(NO_HOLD_OUTLIVES, not (units and failed), f"{id_} failed and holds {units} {produit_id}")
    for id_, story in told.items():
        if story.state == "succeeded" and story.is_ours:
            for produit_id, units in story.entries[0].wanted.items():
                held = world.watch.products[produit_id].held[id_]
                hold(NO_HOLD_OUTLIVES, held == units, f"{id_} holds {held} of {units} {produit_id}")


def the_stock_shown_is_the_stock_there(world: World) -> None:
    stock = {
        view.produit_id: (view.units_free, view.units_held) for view in StockRoom(world.store).all(count=100)
    }
    there = {id_: (p.free, p.held.total()) for id_, p in world.watch.products.items() if p.received}
    hold(STOCK_ANSWER, stock == there, f"shown {stock}, there {there}")


def the_read_model_is_the_replay(world: World, told: dict[str, Story]) -> None:
    shown: dict[str, OrderRow] = {}
    for client_id in CLIENTS:
        orders = world.read_model.orders_of(client_id, count=ROWS_MAX)
        shown |= {row.checkout_id: row for row in orders.rows}
        succeeded = [row for row in orders.rows if row.status == "succeeded"]
        hold(READ_MODEL, orders.total_orders == len(succeeded), f"{client_id} has {orders.total_orders}")
    for id_, story in told.items():
        row = shown.pop(id_, None)
        found = row and (row.client_id, row.status, row.position, row.commande_id, row.total)
        hold(READ_MODEL, found == _row_of(story), f"{found} is shown of {id_}, which is {_row_of(story)}")
    hold(READ_MODEL, not shown, f"{sorted(shown)} are shown and not there")


def _row_of(story: Story) -> tuple[str, str, str, str | None, Decimal]:
    first = story.turn_to("ordered", "succeeded", "failed")
    assert first is not None, story
    start = story.entries[0].payload
    order = None
    if story.state == "succeeded":
        order = story.turn_to("ordered", "succeeded")
    commande_id = cast(str, order.payload["commande_id"]) if order else None
    total = Decimal(str(start["panier"].get("total", 0)))  # type: ignore[attr-defined]  # every start has a cart
    return cast(str, start["client_id"]), story.state, first.position, commande_id, total


def every_entry_is_audited(world: World, log: StreamLog) -> None:
    kept = Counter(entry.position for entry in world.audit_log.entries)
    there = Counter(map(text_of, log.places))
    hold(AUDITED, kept == there, f"missing {there - kept}, too many {kept - there}")


def only_the_bad_are_dead(world: World, log: StreamLog) -> None:
    """And each of the malformed is dead in every group that would have handled it."""
    for dead in log.dead_letters:
        bad = dead.position in world.watch.malformed | world.foreign
        hold(DEAD_LETTERS, bad or _is_given_up(dead), f"{dead.position} in {dead.group}: {dead.why.reason}")
    set_aside = {(dead.group, dead.position) for dead in log.dead_letters}
    for position in world.watch.malformed:
        type_name = log.entries[position].get(b"type", b"").decode()
        for step in (step for step in STEPS.values() if world.weather.consumers[step.worker]):
            if type_name in (world.container.handler(step.worker).types or ()):
                known = (step.group, position) in set_aside
                hold(DEAD_LETTERS, known, f"{step.group} has lost {position}, a malformed {type_name}")


def _is_given_up(dead: DeadEntry) -> bool:
    return dead.group == STEPS[STOCK_COMPENSATION].group and dead.why.reason == CLOSED


def what_was_given_up_is_told(log: StreamLog, told: dict[str, Story]) -> None:
    for dead in filter(_is_given_up, log.dead_letters):
        entry = entry_at(log, dead.position)
        story = told[entry.entity] if entry else None
        end = story.turn_to("succeeded", "failed") if story else None
        had_ended = end is not None and end.recorded_s <= dead.at_s
        is_told = story is not None and story.turn_to("stuck")
        hold(GIVEN_UP, is_told or had_ended, f"{dead.position} of {entry and entry.entity}")


def every_end_is_told(world: World, told: dict[str, Story]) -> None:
    notices = Counter(notice.recorded.position for notice in world.notifier.sent)
    ends = [end for story in told.values() if (end := story.turn_to("succeeded", "failed"))]
    dead = {letter.position for letter in world.log.stream(CHECKOUTS).dead_letters}
    for end in ends:
        if end.position not in dead:
            hold(TOLD, notices[end.position], f"nobody was told of the {end.type} of {end.entity}")
    positions = [end.position for end in ends if end.position not in dead]
    forgotten = world.inbox.unseen(STEPS[NOTIFICATION].group, positions)
    hold(TOLD, not forgotten, f"{sorted(forgotten)} are not remembered as told")
    strangers = notices.keys() - {end.position for end in ends}
    hold(TOLD, not strangers, f"notices of {sorted(strangers)}, which are no ends")
