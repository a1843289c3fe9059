"""Templates fill places and nothing else."""

from __future__ import annotations

from typing import Any

from services.notify.model.templates import BUILT_IN, PARTS, Reader, places, render

CHINESE = Reader("zh-CN", "Asia/Shanghai")


def text(en: str, zh: str = "") -> dict[str, str]:
    return {"en": en, "zh-CN": zh or en}


def template(**parts: dict[str, str]) -> dict[str, Any]:
    return {part: text("") for part in PARTS} | parts


def test_a_reader_gets_his_language_and_zone() -> None:
    made = render(template(subject=text("Due {at}", "截止 {at}")), {"at": "2026-03-01T20:00:00Z"}, 1, CHINESE)
    assert made.subject == "截止 2026-03-02 04:00"


def test_texts_in_both_languages_and_money_are_shown_readably() -> None:
    params = {"task": text("Call", "联系"), "sum": {"amount": "12.00", "currency": "CNY"}}
    assert render(template(subject=text("{task} {sum}")), params, 1, CHINESE).subject == "联系 CNY 12.00"


def test_more_than_one_notification_gives_the_digest() -> None:
    made = render(BUILT_IN["task_assigned"], {"task": "x"}, 1234, Reader("en"))
    assert made.subject == "1234 new tasks"


def test_places_reach_into_data_and_into_nothing_else() -> None:
    hostile = template(subject=text("{a.__class__}{a.b} {a.c.d} {missing} {0} {a!r}"))
    assert render(hostile, {"a": {"b": "yes"}}, 1, Reader()).subject == "yes {0} {a!r}"


def test_a_subject_is_one_line() -> None:
    made = render(template(subject=text("{x}")), {"x": "a\r\nBcc: evil@example.com"}, 1, Reader())
    assert "\n" not in made.subject
    assert "\r" not in made.subject


def test_the_built_in_templates_are_complete_in_both_languages() -> None:
    for body in BUILT_IN.values():
        for part in ("name", *PARTS):
            assert set(body[part]) == {"en", "zh-CN"}
        assert places(body)
