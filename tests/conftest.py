"""What holds for all tests: processes that they start use the installed package, as the tests themselves do."""

from __future__ import annotations

import os

os.environ["PYTHONSAFEPATH"] = "1"  # else `python -c` in a checkout finds the source tree, without its native module
