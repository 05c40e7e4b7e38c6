"""Every second page, opened on a wide light screen, and moved on a narrow dark one."""

from .visits import NARROW, WIDE, Visits


class TestOpenedWide(Visits):
    first, opened, moved = 0, WIDE, NARROW
