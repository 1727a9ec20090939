"""The file of keys: who may write it, and that nothing in it is lost."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest

from adapters.api_keys.api_key import ApiKey
from adapters.api_keys.key_file import FILE_MAX_BYTES, KeyExists, KeyFile
from adapters.api_keys.written import MalformedKeys

KEY = ApiKey(id="desk", sha256="0f" * 32, scopes=frozenset({"read"}))
NOW_S = 1_700_000_000.0


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys")


def test_it_is_made_with_the_first_key_and_for_its_owner_only(file: KeyFile) -> None:
    file.add(KEY)

    assert file.read() == [KEY]
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [path.name for path in file.path.parent.iterdir()] == ["keys"]


def test_an_id_is_never_used_again(file: KeyFile) -> None:
    file.add(KEY)
    file.revoke("desk", NOW_S)

    with pytest.raises(KeyExists):
        file.add(KEY)


def test_what_is_revoked_stays_as_it_was_with_its_moment(file: KeyFile) -> None:
    file.add(KEY)

    assert file.revoke("desk", NOW_S) == attrs.evolve(KEY, revoked_at_s=NOW_S)
    assert file.revoke("desk", NOW_S + 1.0) == attrs.evolve(KEY, revoked_at_s=NOW_S)
    assert file.revoke("nobody", NOW_S) is None


def test_what_people_wrote_and_who_may_read_it_stays(file: KeyFile) -> None:
    file.path.write_text("# the desk")
    file.path.chmod(0o640)

    file.add(KEY)
    file.revoke("desk", NOW_S)

    assert file.path.read_text().startswith('# the desk\n{"id": "desk"')
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o640


def test_a_link_stays_one(file: KeyFile, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    file.path.symlink_to(tmp_path / "elsewhere" / "keys")

    file.add(KEY)

    assert file.path.is_symlink()
    assert file.read() == [KEY]


def test_of_many_that_add_at_once_none_is_lost(file: KeyFile) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: file.add(attrs.evolve(KEY, id=f"k{n}")), range(24)))

    assert {key.id for key in file.read()} == {f"k{n}" for n in range(24)}


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_what_others_may_write_is_not_believed(file: KeyFile, mode: int) -> None:
    file.add(KEY)
    file.path.chmod(mode)

    with pytest.raises(MalformedKeys, match="others than its owner may write"):
        file.read()


def test_a_file_without_end_and_a_pipe_are_refused(file: KeyFile) -> None:
    file.path.write_bytes(b"#" * (FILE_MAX_BYTES + 1))
    file.path.chmod(0o600)
    with pytest.raises(MalformedKeys, match="longer than"):
        file.read()

    file.path.unlink()
    os.mkfifo(file.path, 0o600)
    with pytest.raises(MalformedKeys, match="not a file"):
        file.read()


def test_a_file_that_is_broken_is_left_alone(file: KeyFile) -> None:
    file.path.write_text("{\n")
    file.path.chmod(0o600)

    with pytest.raises(MalformedKeys):
        file.add(KEY)
    with pytest.raises(MalformedKeys):
        file.revoke("desk", NOW_S)

    assert file.path.read_text() == "{\n"
