"""Which keys open the door, and since when."""

from pathlib import Path

import attrs
import pytest
from structlog.testing import capture_logs

from adapters.api_keys.api_key import ApiKey, new_secret, sha256_of
from adapters.api_keys.key_file import KeyFile, Stamp
from adapters.api_keys.key_ring import LOOK_EVERY_S, SETTLED_AFTER_S, KeyRefused, KeyRing
from adapters.api_keys.written import MalformedKeys
from adapters.inmemory.clock import FakeClock


def made(id: str) -> tuple[str, ApiKey]:
    secret = new_secret(id)
    return secret, ApiKey(id=id, sha256=sha256_of(secret), scopes=frozenset({"read"}))


SECRET, KEY = made("desk")
OTHER_SECRET, OTHER = made("shop")
WRITTEN_S = 1_700_000_000.0


@attrs.define
class Door:
    """A ring on a file, and its clock."""

    file: KeyFile
    clock: FakeClock
    ring: KeyRing

    @classmethod
    def on(cls, file: KeyFile) -> "Door":
        """With a file that holds one key."""
        file.add(KEY)
        clock = FakeClock()
        ahead_s = file.path.stat().st_ctime + 10 * SETTLED_AFTER_S - clock.now_s()
        ring = KeyRing((), file, monotonic_s=clock.now_s, now_s=lambda: clock.now_s() + ahead_s)
        return cls(file, clock, ring)

    def opens(self, secret: str) -> bool:
        try:
            return self.ring.holder(secret) is not None
        except KeyRefused:
            return False

    def looks_again(self) -> None:
        self.clock.advance(LOOK_EVERY_S)


class CoarseFile(KeyFile):
    """Its times and its size are always the same."""

    def stamp(self) -> Stamp:
        return Stamp(device=1, inode=1, size_bytes=1, changed_s=WRITTEN_S)


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door.on(KeyFile(tmp_path / "keys"))


def test_a_key_opens_and_nothing_else_does(door: Door) -> None:
    assert door.ring.holder(SECRET) == KEY
    assert not any(
        door.opens(sent) for sent in ("", "desk", KEY.sha256, SECRET[:-1], SECRET.upper(), OTHER_SECRET)
    )


def test_a_new_key_opens_and_a_revoked_one_does_not_a_second_later(door: Door) -> None:
    door.file.add(OTHER)
    door.file.revoke("desk", 1.0)
    assert (door.opens(SECRET), door.opens(OTHER_SECRET)) == (True, False)

    door.looks_again()

    assert (door.opens(SECRET), door.opens(OTHER_SECRET)) == (False, True)


@pytest.mark.parametrize("trouble", ["broken", "gone", "unsafe", "without end"])
def test_a_file_that_cannot_be_read_any_more_leaves_the_keys_and_is_told_once(
    door: Door, trouble: str
) -> None:
    match trouble:
        case "broken":
            door.file.path.write_text("{\n")
        case "gone":
            door.file.path.rename(door.file.path.with_name("away"))
        case "unsafe":
            door.file.path.chmod(0o666)
        case "without end":
            door.file.path.write_bytes(b"#" * 2_000_000)

    with capture_logs() as told:
        for _ in range(3):
            door.looks_again()
            assert door.opens(SECRET)

    assert [(line["log_level"], line["event"]) for line in told] == [("error", "api keys unreadable")]


def test_once_it_can_be_read_again_it_counts(door: Door) -> None:
    away = door.file.path.rename(door.file.path.with_name("away"))
    door.looks_again()
    assert door.opens(SECRET)

    away.rename(door.file.path)
    door.file.revoke("desk", 1.0)
    door.looks_again()

    assert not door.opens(SECRET)


def test_a_second_change_within_a_tick_of_the_file_systems_clock_is_seen(tmp_path: Path) -> None:
    file, clock = CoarseFile(tmp_path / "keys"), FakeClock(WRITTEN_S)
    file.add(KEY)
    ring = KeyRing((), file, monotonic_s=clock.now_s, now_s=clock.now_s)
    file.revoke("desk", 1.0)

    clock.advance(LOOK_EVERY_S)

    with pytest.raises(KeyRefused, match="revoked"):
        ring.holder(SECRET)


def test_a_file_that_has_not_changed_for_long_is_not_read_again(tmp_path: Path) -> None:
    file, clock = CoarseFile(tmp_path / "keys"), FakeClock(WRITTEN_S + SETTLED_AFTER_S)
    file.add(KEY)
    ring = KeyRing((), file, monotonic_s=clock.now_s, now_s=clock.now_s)
    file.path.unlink()

    clock.advance(LOOK_EVERY_S)

    with capture_logs() as told:
        assert ring.holder(SECRET) == KEY
    assert told == []


def test_keys_that_are_fixed_stay_when_the_file_changes(tmp_path: Path) -> None:
    file, clock = KeyFile(tmp_path / "keys"), FakeClock()
    file.add(KEY)
    ring = KeyRing([OTHER], file, monotonic_s=clock.now_s)
    assert (ring.holder(SECRET), ring.holder(OTHER_SECRET)) == (KEY, OTHER)

    file.revoke("desk", 1.0)
    clock.advance(LOOK_EVERY_S)

    assert ring.holder(OTHER_SECRET) == OTHER
    with pytest.raises(KeyRefused, match="revoked"):
        ring.holder(SECRET)


def test_one_id_in_two_places_is_refused(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys")
    file.add(KEY)

    with pytest.raises(MalformedKeys, match="key desk is in the environment too"):
        KeyRing([KEY], file)


def test_a_key_opens_until_it_expires() -> None:
    clock = FakeClock()
    ring = KeyRing([attrs.evolve(KEY, expires_at_s=clock.now_s() + 60.0)], now_s=clock.now_s)
    clock.advance(59.0)
    assert ring.holder(SECRET).id == "desk"

    clock.advance(1.0)

    with pytest.raises(KeyRefused) as refusal:
        ring.holder(SECRET)
    assert (refusal.value.reason, refusal.value.key_id) == ("expired", "desk")


@pytest.mark.parametrize(
    ("sent", "reason", "key_id"),
    [
        (new_secret("desk"), "wrong secret", "desk"),
        (new_secret("nobody"), "unknown key", None),
        ("hunter2", "not a key", None),
    ],
    ids=["a wrong secret", "nobody's", "a password"],
)
def test_it_is_told_to_us_why_a_key_is_refused_and_never_what_was_sent(
    sent: str, reason: str, key_id: str | None
) -> None:
    with pytest.raises(KeyRefused) as refusal:
        KeyRing([KEY]).holder(sent)

    assert (refusal.value.reason, refusal.value.key_id) == (reason, key_id)
    assert sent.rpartition("_")[2] not in repr(refusal.value)


def test_an_unknown_id_is_compared_like_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[int, int]] = []

    def compare(one: str, other: str) -> bool:
        compared.append((len(one), len(other)))
        return False

    monkeypatch.setattr("adapters.api_keys.key_ring.hmac.compare_digest", compare)
    for sent in (SECRET, new_secret("nobody")):
        with pytest.raises(KeyRefused):
            KeyRing([KEY]).holder(sent)

    assert compared == [(64, 64), (64, 64)]
