"""What an id may look like."""

import re

from domain.identifiers import ID_PATTERN, is_identifier
from tests.each_row import each_row


@each_row("text", ["a", "A-1_b.c:d", "0" * 128, "3f2a0f7e-6f1c-4d0e-9f0d-0a2f0d8d3b11"])
def test_letters_digits_and_four_marks_make_an_id(text: str) -> None:
    assert is_identifier(text)
    assert re.match(ID_PATTERN, text)


@each_row("text", ["", " ", "a b", "é", "a/b", "a\n", "0" * 129, "{a}", "a*", "٣"])
def test_anything_else_does_not(text: str) -> None:
    assert not is_identifier(text)
