"""Every code that an import can give has a sentence in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("model/mapping", "model/sheets", "store/imports", "usecases/imports", "queries/imports")
RAISED = re.compile(r'(SheetError|BadValueError|Problem|Fault|InvalidError\.at|self\.error|reader\.error)\(([^)]*)\)')
WORD = re.compile(r'"([a-z]+(?:_[a-z]+)+)"')


def texts(locale: str) -> dict[str, str]:
    """The catalogues of chassis and service."""
    found: dict[str, str] = {}
    for folder in ("chassis", "services/customer"):
        found |= json.loads((ROOT / folder / "locales" / f"{locale}.json").read_text(encoding="utf-8"))
    return found


def codes() -> set[str]:
    """The codes that stand in the source."""
    sources = [path.read_text(encoding="utf-8") for room in ROOMS
               for path in (ROOT / "services/customer" / room).rglob("*.py")]
    return {word for source in sources for found in RAISED.finditer(source) for word in WORD.findall(found[2])}


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_every_code_has_a_sentence(locale):
    known = texts(locale)
    assert len(codes()) > 25
    assert {code for code in codes() if f"error.{code}" not in known and f"problem.{code}" not in known} == set()


def test_reasons_of_refused_files_tell_what_to_do():
    for locale in ("en", "zh-CN"):
        known = texts(locale)
        refusals = {code for code in codes() if code.startswith("sheet_")}
        assert {code for code in refusals if f"problem.{code}.detail" not in known} == set()


def test_both_languages_say_the_same_things():
    assert {key for key in texts("en") if "import" in key} == {key for key in texts("zh-CN") if "import" in key}
