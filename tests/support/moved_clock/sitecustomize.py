"""Loaded by every Python process that has this folder on its path: the product's clock goes ahead by as many seconds as
the file `MOVED_CLOCK` says. The product itself knows nothing of it; tokens and time-outs stay on the real clock."""

import os
import pathlib
from datetime import datetime, timedelta

import chassis.clock

_file = pathlib.Path(os.environ["MOVED_CLOCK"])
_real = chassis.clock.utcnow


def _moved() -> datetime:
    return _real() + timedelta(seconds=int(_file.read_text() or 0))


chassis.clock.utcnow = _moved
