"""A worker that listens for beats beside its work."""

from typing import cast

import attrs
import pytest

from application.events.streams import HEARTBEATS
from application.ports.event_bus import Subscription
from application.ports.heartbeats import Heartbeats
from application.worker.heartbeat import Listening
from domain.checkout.saga import NOTIFICATION, STEPS
from entrypoints.container import worker_of
from tests.shop import Shop

GROUP = STEPS[NOTIFICATION].group
EVERY_S = 5.0


@attrs.define
class Ear:
    """What a listening worker has heard: when each was recorded, and how late it came."""

    shop: Shop = attrs.Factory(Shop)
    heard: list[tuple[float, float]] = attrs.Factory(list)

    @property
    def subscription(self) -> Subscription:
        return Subscription(stream=HEARTBEATS, group=GROUP, consumer="one")

    @property
    def heartbeats(self) -> Heartbeats:
        return cast(Heartbeats, self.shop.container.heartbeats())

    def listening(self) -> Listening:
        """The notification's step, and an ear."""
        return Listening(
            self.shop.container.handler(NOTIFICATION),
            self.shop.bus,
            self.subscription,
            clock=self.shop.clock,
            every_s=EVERY_S,
            heard=lambda recorded_at_s, age_s: self.heard.append((recorded_at_s, round(age_s, 3))),
        )


@pytest.fixture
def ear() -> Ear:
    return Ear()


def test_the_newest_beat_is_heard_with_its_age_and_nothing_is_left_to_do(ear: Ear) -> None:
    listening = ear.listening()
    ear.heartbeats.beat()
    ear.shop.clock.advance(EVERY_S)
    ear.heartbeats.beat()
    recorded_at_s = ear.shop.clock.now_s()
    ear.shop.clock.advance(0.25)

    listening.tick()

    ((heard_s, age_s),) = ear.heard
    assert heard_s == pytest.approx(recorded_at_s, abs=0.001)
    assert age_s == pytest.approx(0.25, abs=0.001)
    assert ear.shop.bus.pending(ear.subscription, count=10) == []


def test_it_listens_now_and_then_only(ear: Ear) -> None:
    listening = ear.listening()
    for _ in range(10):
        ear.heartbeats.beat()
        listening.tick()
        ear.shop.clock.advance(1.0)

    assert len(ear.heard) == 2


def test_silence_is_told_to_nobody(ear: Ear) -> None:
    ear.listening().tick()

    assert ear.heard == []


def test_what_an_earlier_life_was_handed_is_put_away(ear: Ear) -> None:
    ear.heartbeats.beat()
    ear.shop.bus.join(ear.subscription)
    ear.shop.bus.receive(ear.subscription, count=1, block_ms=1)

    ear.listening().tick()

    assert ear.shop.bus.pending(ear.subscription, count=10) == []


def test_the_step_goes_on_as_without(ear: Ear) -> None:
    shop = ear.shop
    shop.receive({"p-1": 1})
    shop.workers[NOTIFICATION] = worker_of(shop.container, NOTIFICATION, listening=True)
    checkout_id = shop.start({"p-1": 1})
    ear.heartbeats.beat()

    shop.run()

    assert [notice.checkout_id for notice in shop.notifier.sent] == [checkout_id]
    shown = shop.container.registry().get_sample_value(
        "heartbeat_heard_timestamp_seconds", {"topic": HEARTBEATS, "group": GROUP}
    )
    assert shown == pytest.approx(shop.clock.now_s(), abs=1.0)


def test_only_the_newest_beats_are_kept(ear: Ear) -> None:
    for _ in range(1_005):
        ear.heartbeats.beat()

    assert len(ear.shop.log.stream(HEARTBEATS).places) == 1_000
