"""Keys as they are written in a file and in the environment."""

import attrs
import pytest

from adapters.api_keys.api_key import ApiKey, id_in, new_id, new_secret, sha256_of
from adapters.api_keys.written import KEYS_MAX, MalformedKeys, line_of, read_lines, read_text, text_of
from tests.each_row import each_row

SHA256 = "0f" * 32
EVERYTHING = ApiKey(
    id="desk-1",
    sha256=SHA256,
    scopes=frozenset({"read", "operate"}),
    created_at_s=1_700_000_000.0,
    note="Ada's désk",
    expires_at_s=1_800_000_000.0,
    revoked_at_s=1_700_000_001.0,
)
THE_LEAST = ApiKey(id="a", sha256=SHA256, scopes=frozenset({"read"}))


def test_a_file_holds_everything_that_is_kept_of_a_key() -> None:
    assert read_lines(line_of(EVERYTHING) + line_of(THE_LEAST)) == [EVERYTHING, THE_LEAST]


def test_lines_for_people_are_left_out() -> None:
    assert read_lines(b"# the desk\n\n  \n" + line_of(THE_LEAST)) == [THE_LEAST]


def test_the_environment_holds_what_opens_the_door() -> None:
    second = attrs.evolve(EVERYTHING, created_at_s=None, note="", expires_at_s=None, revoked_at_s=None)

    assert read_text(f"{text_of(THE_LEAST)}; {text_of(second)};") == [THE_LEAST, second]
    assert text_of(second) == f"desk-1:read,operate:{SHA256}"


@each_row(
    ("good", "wrong", "told"),
    [
        ('"a"', '"Desk"', "line 1: id must be 1 to 32"),
        ('"a"', '"a_b"', "line 1: id must be"),
        (SHA256, SHA256.upper(), "line 1: sha256 must be 64"),
        (SHA256, "cpt_a_hunter2", "line 1: sha256 must be 64"),
        ('["read"]', "[]", "line 1: scopes must have 1 to 4 items"),
        ('"read"', '"write"', r"line 1: scopes\[0\] must be one of checkout:write, read"),
        ("}", f', "note": "{"x" * 201}"}}', "line 1: note must be"),
    ],
)
def test_a_line_that_is_not_a_key_is_refused_and_not_quoted(good: str, wrong: str, told: str) -> None:
    with pytest.raises(MalformedKeys, match=told) as refusal:
        read_lines(line_of(THE_LEAST).replace(good.encode(), wrong.encode()))

    assert "hunter2" not in str(refusal.value)


@each_row(
    "text",
    [
        b"{",
        b"[]",
        b'{"id": "a", "id": "b"}',
        b"\xff",
        line_of(THE_LEAST).replace(b'"id"', b'"name"'),
        line_of(THE_LEAST).replace(b"}", b', "created_at": "yesterday"}'),
        line_of(THE_LEAST).replace(b"}", b', "expires_at": "2026-01-01T00:00:00"}'),  # whose midnight?
        line_of(THE_LEAST).replace(b"}", b', "expires": "2026-01-01T00:00:00Z"}'),  # misspelt
        line_of(THE_LEAST) * 2,
        b"".join(line_of(attrs.evolve(THE_LEAST, id=f"k{n}")) for n in range(KEYS_MAX + 1)),
    ],
)
def test_a_file_with_anything_wrong_in_it_is_refused_as_a_whole(text: bytes) -> None:
    with pytest.raises(MalformedKeys):
        read_lines(line_of(attrs.evolve(THE_LEAST, id="good")) + text)


@each_row("text", ["a", "a:read", f"a::{SHA256}", f"a:read:{SHA256}:", f":read:{SHA256}"])
def test_what_is_no_key_in_the_environment_is_refused(text: str) -> None:
    with pytest.raises(MalformedKeys, match=r"^key 1: "):
        read_text(text)


def test_a_new_key_names_its_id_and_is_never_the_same() -> None:
    secrets = {new_secret("desk-1") for _ in range(100)}

    assert len(secrets) == 100
    assert {id_in(secret) for secret in secrets} == {"desk-1"}
    assert {len(secret) for secret in secrets} == {len("cpt_desk-1_") + 32}
    assert id_in(new_secret(new_id())) is not None


@each_row("sent", ["", "desk-1", "cpt_desk-1_", "cpt_desk_1_abc", "cpt_-a_abc", "x" * 9_999, "é"])
def test_what_cannot_be_a_key_has_no_id(sent: str) -> None:
    assert id_in(sent) is None


def test_the_hash_is_one_that_other_tools_know() -> None:
    assert sha256_of("cpt_a_b") == "075f3fa90c288c07a56af20b3a205c5daa2243c67419f7f9dd951f3b5629678d"
