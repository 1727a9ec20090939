"""What a checkout's id says already is not said again in the ids of its events."""

from adapters.codec.envelope import EnvelopeCodec, encode
from adapters.codec.headings import heading_in
from application.events.event_ids import answer_to, sign_of, start_of
from application.events.streams import CHECKOUTS
from application.ports.event_store import NewEvent
from domain.checkout.events import StockReleased
from domain.inventory.events import UnitsHeld
from tests.each_row import each_row
from tests.unit.codec.entries import AT_S, POSITION, read

CHECKOUT = "c-1"
ANSWER = answer_to(CHECKOUT, 2, "o", 1)
RELEASED = StockReleased(checkout_id=CHECKOUT, client_id="ada")
HELD = UnitsHeld(produit_id="pencil", checkout_id=CHECKOUT, units=1)


def test_an_entry_has_them_without_it_and_is_read_with_it() -> None:
    fields = encode(
        NewEvent(event=RELEASED, event_id=ANSWER, causation_id=start_of(CHECKOUT)),
        version=3,
        emitted_at_s=AT_S,
    )
    recorded, listed = read(fields), EnvelopeCodec().look(POSITION, fields)

    assert (fields[b"event_id"], fields[b"causation_id"]) == (b".2o1", b".0")
    assert (recorded.event_id, recorded.causation_id) == ("c-1.2o1", "c-1.0")
    assert (listed.event_id, listed.causation_id) == ("c-1.2o1", "c-1.0")


def test_what_happens_to_stock_for_a_checkout_names_its_cause_in_the_same_way() -> None:
    new = NewEvent(event=HELD, event_id="hold-1", causation_id=start_of(CHECKOUT))
    fields = encode(new, version=3, emitted_at_s=AT_S)

    assert (fields[b"event_id"], fields[b"causation_id"]) == (b"hold-1", b".0")
    assert read(fields).causation_id == "c-1.0"


@each_row("id_", ["c-10.2o", "c-1", "oJGw-hATNryB", "1690000000000-7"])
def test_other_ids_are_written_as_they_are(id_: str) -> None:
    fields = encode(NewEvent(event=RELEASED, event_id=id_, causation_id=id_), version=3, emitted_at_s=AT_S)

    assert (fields[b"event_id"], fields[b"causation_id"]) == (id_.encode(), id_.encode())
    assert (read(fields).event_id, read(fields).causation_id) == (id_, id_)


def test_an_answer_is_known_by_its_id() -> None:
    assert ANSWER == "c-1.2o1"
    assert answer_to(CHECKOUT, 2, "o", 0) == "c-1.2o"
    assert sign_of(ANSWER, CHECKOUT) == "o"
    others = [start_of(CHECKOUT), "c-2.2o", ".2o1", "e-1"]
    assert [sign_of(id_, CHECKOUT) for id_ in others] == [None] * 4


def test_a_heading_has_the_whole_id_of_the_cause() -> None:
    new = NewEvent(event=RELEASED, event_id=ANSWER, causation_id=start_of(CHECKOUT))
    heading = heading_in(CHECKOUTS, POSITION, encode(new, version=3, emitted_at_s=AT_S))

    assert heading is not None
    assert heading.causation_id == "c-1.0"
