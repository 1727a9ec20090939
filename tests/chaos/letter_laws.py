"""Which deliveries must be dead letters, and that no others are. Each law names its offenders."""

from collections.abc import Sequence

from application.ports.event_store import StoredEntry
from tests.chaos.evidence import Evidence, is_malformed


def unexpected_letters(evidence: Evidence) -> list[str]:
    """Dead letters of what makes sense, and those that are kept twice."""
    expected = set(expected_letters(evidence))
    found = []
    for letter in evidence.letters:
        if (letter.group, letter.position) in expected:
            expected.remove((letter.group, letter.position))
        else:
            found.append(f"{letter.group} {letter.position} {letter.type}: {letter.reason}")
    return found


def missing_letters(evidence: Evidence) -> list[str]:
    """What makes no sense, and a group that opens it has let it pass."""
    found = {(letter.group, letter.position) for letter in evidence.letters}
    return [
        f"{group} {position}"
        for group, position in expected_letters(evidence)
        if (group, position) not in found
    ]


def expected_letters(evidence: Evidence) -> list[tuple[str, str]]:
    """(group, position): one for each group that opens it, of each entry that makes no sense."""
    return [
        (group, entry.position)
        for entry in malformed(evidence)
        for group in sorted(evidence.openers.get(entry.type or "", frozenset()))
    ]


def malformed(evidence: Evidence) -> Sequence[StoredEntry]:
    """The entries that make no sense."""
    return [entry for entry in evidence.events if is_malformed(entry)]
