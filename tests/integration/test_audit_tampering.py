"""Whatever is done to a trail is found, where it was done."""

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.audit.files_seen import NothingToVerify
from adapters.audit.ndjson_file import NdjsonAuditLog
from adapters.audit.seal import KeyNeeded, Link, Seal, read_seals
from adapters.audit.verified import FINDINGS_MAX, Verified
from adapters.audit.verify import head_of, verify
from tests.contracts.audit_log import NOON_MS, entry

KEY: Final = b"not-a-secret-not-a-secret-not-a-secret"
DAYS, LINES_A_DAY = 3, 4
FILES: Final = [f"audit-2026-11-{22 + day}.ndjson" for day in range(DAYS)]
A, B, C = FILES
Lines = dict[str, list[bytes]]


@pytest.fixture(scope="module", params=[False, True], ids=["without a key", "with a key"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> "Trail":
    """Three files of four lines, as the worker wrote them."""
    home = tmp_path_factory.mktemp("trail")
    key_file = home / "key" if request.param else None
    if key_file is not None:
        key_file.write_bytes(KEY)
    audit_log = NdjsonAuditLog(home / "audit", key_file=key_file, fsync=False)
    for day in range(DAYS):
        audit_log.keep([entry(f"{NOON_MS + day * 86_400_000}-{number}") for number in range(LINES_A_DAY)])
    audit_log.close()
    return Trail(home / "audit", read_seals(key_file))


class Trail:
    """A trail that nobody has touched, of which tests make copies."""

    def __init__(self, directory: Path, seals: tuple[Seal, ...]) -> None:
        self.directory = directory
        self.seals = seals
        self.head = head_of(directory).hash
        self.lines: Lines = {
            name: (directory / name).read_bytes().splitlines(keepends=True) for name in FILES
        }

    def verified(self, files: "dict[str, bytes]", noted_hash: str | None = None) -> Verified:
        """What is found in a directory with these files."""
        with TemporaryDirectory() as directory:
            for name, text in files.items():
                Path(directory, name).write_bytes(text)
            return verify(Path(directory), self.seals, noted_hash=noted_hash)

    def with_file(self, name: str, text: bytes) -> Verified:
        """What is found where one file has another text."""
        return self.verified({n: b"".join(lines) for n, lines in self.lines.items()} | {name: text})

    def after(self, tamper: Callable[[Lines], object], noted_hash: str | None = None) -> Verified:
        """What is found after `tamper` was let loose on a copy."""
        copy = {name: list(lines) for name, lines in self.lines.items()}
        tamper(copy)
        return self.verified({name: b"".join(lines) for name, lines in copy.items()}, noted_hash)


def said(verified: Verified) -> list[str]:
    return [f"{f.file}:{f.line} {f.kind}: {f.what}" for f in verified.findings]


def test_a_trail_that_nobody_touched_is_intact(written: Trail) -> None:
    verified = written.after(lambda _: None, noted_hash=written.head)

    assert said(verified) == []
    assert (verified.files, verified.lines) == (DAYS, DAYS * LINES_A_DAY)
    assert verified.method == written.seals[0].method
    assert verified.first is not None
    assert (verified.first.position, verified.first.number) == (f"{NOON_MS}-0", 1)
    assert verified.last is not None
    assert verified.noted == verified.last == head_of(written.directory)
    assert verified.last.hash == written.head


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_byte_that_is_changed_is_found_on_its_line(written: Trail, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(FILES))
    text = b"".join(written.lines[name])
    at = data.draw(st.integers(0, len(text) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != text[at]))
    changed = text[:at] + bytes([byte]) + text[at + 1 :]

    verified = written.with_file(name, changed)

    first = verified.findings[0]
    assert (first.file, first.line) == (name, text[:at].count(b"\n") + 1)


@pytest.mark.parametrize("which", ["removed", "added"])
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_any_byte_that_is_removed_or_added_is_found_on_its_line(
    written: Trail, which: str, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(FILES))
    text = b"".join(written.lines[name])
    at = data.draw(st.integers(0, len(text) - 1))
    more = b"" if which == "removed" else bytes([data.draw(st.integers(0, 255))])
    changed = text[:at] + more + text[at + (which == "removed") :]
    if changed == text:
        return

    verified = written.with_file(name, changed)

    first = verified.findings[0]
    assert first.file == name
    assert first.line in {text[:at].count(b"\n") + 1, text[: at + 1].count(b"\n") + 1}


lines_of_the_trail = st.tuples(st.sampled_from(FILES), st.integers(0, LINES_A_DAY - 1))


@settings(max_examples=30, deadline=None)
@given(place=lines_of_the_trail)
def test_any_line_that_is_removed_is_found_where_it_was(written: Trail, place: tuple[str, int]) -> None:
    name, line = place

    verified = written.after(lambda lines: lines[name].pop(line), noted_hash=written.head)

    first = verified.findings[0]
    if place == (C, LINES_A_DAY - 1):
        assert first.kind == "wrong head"
    elif line == LINES_A_DAY - 1:
        assert (first.file, first.line, first.kind) == (FILES[FILES.index(name) + 1], 1, "missing")
    else:
        assert (first.file, first.line, first.kind) == (name, line + 1, "missing")


@settings(max_examples=30, deadline=None)
@given(place=lines_of_the_trail, to=lines_of_the_trail)
def test_any_line_that_is_written_a_second_time_is_found_there(
    written: Trail, place: tuple[str, int], to: tuple[str, int]
) -> None:
    line = written.lines[place[0]][place[1]]

    verified = written.after(lambda lines: lines[to[0]].insert(to[1], line))

    assert {(f.file, f.line) for f in verified.findings[:1]} <= {(to[0], to[1] + 1), (to[0], to[1] + 2)}
    assert verified.findings


@settings(max_examples=30, deadline=None)
@given(one=lines_of_the_trail, other=lines_of_the_trail)
def test_any_two_lines_that_change_places_are_found_where_the_first_was(
    written: Trail, one: tuple[str, int], other: tuple[str, int]
) -> None:
    if one == other:
        return

    def swap(lines: Lines) -> None:
        a, b = lines[one[0]][one[1]], lines[other[0]][other[1]]
        lines[one[0]][one[1]], lines[other[0]][other[1]] = b, a

    verified = written.after(swap)

    earlier = min(one, other)
    assert (verified.findings[0].file, verified.findings[0].line) == (earlier[0], earlier[1] + 1)


def change(name: str, line: int, old: bytes, new: bytes) -> Callable[[Lines], None]:
    def tamper(lines: Lines) -> None:
        assert old in lines[name][line - 1]
        lines[name][line - 1] = lines[name][line - 1].replace(old, new, 1)

    return tamper


def without(name: str, *numbers: int) -> Callable[[Lines], None]:
    def tamper(lines: Lines) -> None:
        lines[name] = [line for number, line in enumerate(lines[name], 1) if number not in numbers]

    return tamper


def moved(name: str, line: int, to: int) -> Callable[[Lines], None]:
    return lambda lines: lines[name].insert(to - 1, lines[name].pop(line - 1))


CHANGED = "the line was changed, or its number or hash"
NO_SEAL = "the line does not end in a number and a hash"
NOT_HERE = f"{C}:1 missing file: {B}, which this file follows, is not here"
B_RENAMED = "audit-2026-11-23_0002.ndjson"


@pytest.mark.parametrize(
    ("tamper", "findings"),
    [
        (change(B, 2, b"client-1", b"client-2"), [f"{B}:2 changed: {CHANGED}"]),
        (change(B, 2, b'"number":6', b'"number":9'), [f"{B}:2 changed: {CHANGED}"]),
        (change(B, 2, b'"number":6', b'"number":1'), [f"{B}:2 changed: {CHANGED}"]),
        (change(B, 2, b'"hash":"', b'"hash":"x'), [f"{B}:2 changed: {NO_SEAL}"]),
        (without(B, 2), [f"{B}:2 missing: number 6 is missing before this line"]),
        (without(B, 2, 3), [f"{B}:2 missing: numbers 6 to 7 are missing before this line"]),
        (without(B, 1), [f"{B}:1 missing: number 5 is missing before this line"]),
        (without(A, 1), [f"{A}:1 missing: number 1 is missing before this line"]),
        (without(A, 4), [f"{B}:1 missing: number 4 is missing before this line"]),
        (
            lambda lines: lines.pop(B),
            [f"{NOT_HERE}; numbers 5 to 8 are missing before this line"],
        ),
        (
            lambda lines: (lines.pop(A), lines.pop(B)),
            [f"{NOT_HERE}; numbers 1 to 8 are missing before this line"],
        ),
        (
            lambda lines: lines[B].insert(2, lines[A][1]),
            [f"{B}:3 inserted: number 2 does not belong here; number 7 does"],
        ),
        (
            lambda lines: lines[B].insert(2, b'{"position":"1-0"}\n'),
            [f"{B}:3 inserted: the line does not belong here"],
        ),
        (
            moved(B, 3, 2),
            [
                f"{B}:2 out of order: number 7 does not belong here; number 6 does",
                f"{B}:4 missing: number 7 is missing before this line",
            ],
        ),
        (
            lambda lines: lines[B].insert(0, lines[A].pop()),
            [
                f"{B}:1 out of order: this line was not the first of a file when it was written",
                f"{B}:2 out of order: this line was the first of a file when it was written",
            ],
        ),
        (
            lambda lines: lines.update({B_RENAMED: lines.pop(B)}),
            [f"{C}:1 missing file: this file follows {B}, and not {B_RENAMED}: one was renamed"],
        ),
    ],
)  # fmt: skip
def test_what_was_done_is_told_with_its_place(
    written: Trail, tamper: Callable[[Lines], object], findings: list[str]
) -> None:
    assert said(written.after(tamper)) == findings


def test_a_line_without_an_end_is_told_from_one_that_was_changed(written: Trail) -> None:
    cut = written.after(lambda lines: lines[C].append(lines[C].pop()[:-20]))

    (finding,) = cut.findings
    assert (finding.file, finding.line, finding.kind) == (C, LINES_A_DAY, "unfinished")


def test_a_first_line_that_was_broken_in_two_is_not_taken_for_one_of_the_time_before_seals(
    written: Trail,
) -> None:
    assert said(written.after(change(A, 1, b"{", b"\n")))[0] == f"{A}:1 changed: {NO_SEAL}"


def test_a_file_that_was_emptied_is_found(written: Trail) -> None:
    assert said(written.after(lambda lines: lines[C].clear()))[0].startswith(
        f"{C}:1 unfinished: the file is empty"
    )


@pytest.mark.parametrize("cut", [1, 2, 3, 4])
def test_an_end_that_was_cut_off_is_found_by_the_hash_that_was_noted(written: Trail, cut: int) -> None:
    def tamper(lines: Lines) -> None:
        del lines[C][-cut:]
        if not lines[C]:
            del lines[C]

    assert said(written.after(tamper)) == []
    assert [f.kind for f in written.after(tamper, noted_hash=written.head).findings] == ["wrong head"]


def test_a_hash_that_was_noted_earlier_is_found_although_the_trail_has_grown(written: Trail) -> None:
    noted = (written.lines[B][1]).split(b'"hash":"')[1][:64].decode()

    verified = written.after(lambda _: None, noted_hash=noted)

    assert verified.intact
    assert verified.noted is not None
    assert (verified.noted.file, verified.noted.line, verified.noted.number) == (B, 2, 6)


def test_a_trail_written_anew_by_who_has_not_the_key_is_found(written: Trail, tmp_path: Path) -> None:
    """Without a key it takes the hash that was noted to tell."""
    forged = NdjsonAuditLog(tmp_path, fsync=False)
    forged.keep([entry(f"{NOON_MS}-0", type="Forged")])
    forged.close()

    verified = verify(tmp_path, written.seals)

    assert verified.intact is not written.seals[0].has_key
    assert not verify(tmp_path, written.seals, noted_hash=written.head).intact


def test_lines_added_by_who_has_not_the_key_are_found(written: Trail, tmp_path: Path) -> None:
    if not written.seals[0].has_key:
        return
    shutil.copytree(written.directory, tmp_path / "audit")
    forged, _ = Seal().close(
        b'{"position":"1-0","chain":{"method":"sha256","follows":null}}\n', written_end(written)
    )
    (tmp_path / "audit" / "audit-2026-11-25.ndjson").write_bytes(forged)

    findings = said(verify(tmp_path / "audit", written.seals))

    assert findings[0] == (
        "audit-2026-11-25.ndjson:1 wrong seal: the file is sealed without a key, and the one before with one"
    )


def written_end(written: Trail) -> Link:
    last = head_of(written.directory)
    return Link(last.number, last.hash.encode())


def test_a_trail_sealed_with_a_key_is_not_verified_without_it(written: Trail) -> None:
    if not written.seals[0].has_key:
        return
    with pytest.raises(KeyNeeded, match="hmac-sha256:"):
        verify(written.directory, [Seal()])


def test_with_another_key_nothing_is_in_order_and_the_findings_are_bounded(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(KEY)
    audit_log = NdjsonAuditLog(tmp_path / "audit", key_file=tmp_path / "key", fsync=False)
    audit_log.keep([entry(f"{NOON_MS}-{number}") for number in range(500)])
    audit_log.close()

    verified = verify(tmp_path / "audit", [Seal.keyed(b"x" * 32)])

    assert "which is no key that is given" in verified.findings[0].what
    assert len(verified.findings) == FINDINGS_MAX
    assert verified.findings_more >= 400


@pytest.mark.parametrize("start", FILES)
def test_verification_can_start_at_any_file(written: Trail, start: str) -> None:
    verified = verify(written.directory, written.seals, start=start, noted_hash=written.head)

    assert verified.intact
    assert verified.files == DAYS - FILES.index(start)


def test_what_is_before_the_file_to_start_from_is_not_asked_for(written: Trail, tmp_path: Path) -> None:
    shutil.copytree(written.directory, tmp_path / "audit")
    (tmp_path / "audit" / A).unlink()

    assert not verify(tmp_path / "audit", written.seals).intact
    assert verify(tmp_path / "audit", written.seals, start=B).intact


def test_where_there_is_nothing_to_verify_it_is_said(written: Trail, tmp_path: Path) -> None:
    for directory, start in ((tmp_path, None), (tmp_path / "nowhere", None), (written.directory, "audit-x")):
        with pytest.raises(NothingToVerify):
            verify(directory, written.seals, start=start)
    with pytest.raises(NothingToVerify):
        head_of(tmp_path)


def test_a_trail_of_which_no_line_is_sealed_is_not_intact(written: Trail) -> None:
    def strip(lines: Lines) -> None:
        for name in FILES:
            lines[name] = [b'{"position":"1-0"}\n' for _ in lines[name]]

    assert said(written.after(strip)) == [f"{C}:1 wrong seal: no line is sealed"]


def test_what_a_worker_adds_is_verified_with_the_rest(tmp_path: Path) -> None:
    audit_log = NdjsonAuditLog(tmp_path, file_max_bytes=8_192, fsync=False)
    for start in range(0, 200, 20):
        audit_log.keep([entry(f"{NOON_MS}-{number}") for number in range(start, start + 20)])

        verified = verify(tmp_path, [Seal()])

        assert (verified.intact, verified.lines) == (True, start + 20)
    audit_log.close()
