"""Every second page, opened on a narrow dark screen, and moved on a wide light one."""

from .visits import NARROW, WIDE, Visits


class TestOpenedNarrow(Visits):
    first, opened, moved = 1, NARROW, WIDE
