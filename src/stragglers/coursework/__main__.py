"""`python -m stragglers.coursework`: the instructor's command line."""

import sys

from .command import main

sys.exit(main())
