"""Why a file cannot be taken as a sheet: a code of the catalogues and the numbers that belong to it."""

from __future__ import annotations

from typing import Any


class SheetError(Exception):
    """A file that cannot be read; `code` names the sentence `problem.<code>`."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params
