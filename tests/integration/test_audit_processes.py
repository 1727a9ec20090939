"""The audit trail as several processes write it, of which one is killed, while another reads."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

from adapters.audit.files_seen import NothingToVerify
from adapters.audit.seal import Seal
from adapters.audit.verify import verify

ROOT: Final = Path(__file__).parents[2]
ENTRIES: Final = 400
PROGRAM: Final = f"""
import sys
from pathlib import Path
from adapters.audit.ndjson_file import NdjsonAuditLog
from tests.contracts.audit_log import NOON_MS, entry

log = NdjsonAuditLog(Path(sys.argv[1]), file_max_bytes=20_000, fsync=False)
entries = [entry(f"{{NOON_MS + number * 600_000}}-0") for number in range({ENTRIES})]
step = int(sys.argv[2])
for start in range(0, {ENTRIES}, step):
    log.keep(entries[start : start + step])
    print(start, flush=True)
"""


def started(directory: Path, step: int) -> "subprocess.Popen[bytes]":
    """A process that keeps all entries, `step` at a time."""
    command = [sys.executable, "-c", PROGRAM, str(directory), str(step)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def test_processes_that_share_the_directory_write_one_chain_through_all_its_files(tmp_path: Path) -> None:
    killed, other = started(tmp_path, 3), started(tmp_path, 7)
    assert killed.stdout is not None
    killed.stdout.readline()
    killed.send_signal(signal.SIGKILL)
    again = started(tmp_path, 5)
    while again.poll() is None or other.poll() is None:
        try:
            kinds = {finding.kind for finding in verify(tmp_path, [Seal()]).findings}
            assert kinds <= {"unfinished"}  # what was killed may leave half a line until the next write
        except NothingToVerify:
            continue
    for process in (killed, other, again):
        process.communicate()

    texts = [path.read_text() for path in sorted(tmp_path.iterdir())]
    lines = [json.loads(line) for text in texts for line in text.splitlines()]
    assert (other.returncode, again.returncode) == (0, 0)
    assert len(texts) > 6
    assert [line["number"] for line in lines] == list(range(1, ENTRIES + 1))
    assert len({line["position"] for line in lines}) == ENTRIES
    assert verify(tmp_path, [Seal()]).findings == []
