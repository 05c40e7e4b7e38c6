"""`import src`, at the root of a checkout, gives the same objects as `import stragglers`."""

from stragglers import *
from stragglers import __all__, __version__  # noqa: F401
