from adapters.redis_streams.indexed import place_of
from tests.each_row import each_row


@each_row(
    ("indexed", "place"),
    [
        (b"1690000000123000", ("1690000000123-0", None)),
        (b"1690000000123007", ("1690000000123-7", None)),
        (b"1690000000123999", ("1690000000123-999", None)),
        (b"1690000000123-1000", ("1690000000123-1000", None)),
        (b"1690000000123-4", ("1690000000123-4", None)),
        (b"1690000000123-4@2", ("1690000000123-4", 2)),
    ],
)
def test_what_the_index_holds_says_where_an_event_lies(indexed: bytes, place: tuple[str, int | None]) -> None:
    assert place_of(indexed) == place
