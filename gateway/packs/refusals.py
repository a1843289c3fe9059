"""What the server refuses, as faults of the pack's files; and what stopped a job, in the words of who started it."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.i18n import t
from gateway.packs.api import ApiError
from gateway.packs.errors import PackError, PackFault
from gateway.packs.model import Item


def refused(error: ApiError, item: Item, pointer: str = "") -> PackError:
    """The server's refusal with pointers into the pack's file; `pointer` is where the sent body stands in it."""
    faults = [PackFault(item.file, item.pointer + pointer + str(one.get("pointer", "")), str(one.get("detail", "")))
              for one in error.errors]
    return PackError(faults or [PackFault(item.file, item.pointer + pointer, str(error), "refused", _said(error))])


def in_words(error: PackError | ApiError, locale: str) -> str:
    """What stopped an installation or a removal: a line for each fault, with its file and place."""
    if isinstance(error, ApiError):
        return _sentence("refused", locale, _said(error))
    return "\n".join(f"{fault.file}#{fault.pointer}: " + _sentence(
        fault.code, locale, {"text": fault.message, **fault.params}) for fault in error.faults)


def _said(error: ApiError) -> dict[str, str]:
    """What the refusing service said itself, which is in the language that it was asked in."""
    return {"status": str(error.status), "text": error.summary if error.body else ""}


def _sentence(code: str, locale: str, params: Mapping[str, object]) -> str:
    if code == "refused" and not params["text"]:
        code = "unanswered"
    return t(f"error.pack_{code}", locale, **params)
