"""What the sentence of every picture must be, wherever it was drawn."""

import re


def check_said(said, values):
    """Check that a sentence reads as one and says a number."""
    assert said[0].isupper() or said[0].isdigit(), values
    assert any(letter.isdigit() for letter in said), values
    assert not re.search(r"\b(nan|inf|None)\b|\de-1\d", said), said
    assert not re.search(
        r"(?<![\d.])1 (workers|gradients|copies|updates|roots|servers|tasks)", said
    ), said
