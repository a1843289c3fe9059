"""Cyclic garbage is looked for seldom, and never among what a process loaded when it started.

Requests, messages and rows of a sheet are dictionaries by the thousand, which go as soon as nobody has them. Python's
collector, as it is set by default, looks through all of them every 700 that are made, and through all code and
definitions as well, and finds nothing: a fifth of the processor time of a consumer.
"""

from __future__ import annotations

import gc

_THRESHOLDS = (50_000, 20, 50)


def spare_what_stands() -> None:
    """Take what the process has made so far out of the collector's sight; called once, when it is ready to work."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
