"""The one font of drawings: it has Chinese and Latin letters, and outlines that a PDF can take in (TrueType).

Debian has such fonts as `fonts-wqy-microhei` and `fonts-wqy-zenhei`; `FREEHOLD_REPORT_FONT` names another file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from chassis.http.problem import Problem

NAME = "Freehold"  # as the PDF writer knows it
_PLACES = tuple(Path("/usr/share/fonts/truetype/wqy") / name for name in ("wqy-microhei.ttc", "wqy-zenhei.ttc"))


@dataclass(frozen=True)
class Font:
    """A font file and the family that drawings ask for."""

    file: Path
    family: str


def font(setting: Path | None) -> Font:
    """The font to draw with; raises 501 where there is none, or the file is not one that a PDF can take in."""
    named = setting is not None and str(setting) not in ("", ".")
    places = (setting,) if named and setting is not None else _PLACES
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise Problem(501, "no_font")
    try:
        return _registered(found)
    except TTFError as error:
        raise Problem(501, "no_font") from error


@cache
def _registered(file: Path) -> Font:
    known = TTFont(NAME, str(file), subfontIndex=0)
    pdfmetrics.registerFont(known)
    family = known.face.familyName
    return Font(file, family.decode() if isinstance(family, bytes) else str(family))
