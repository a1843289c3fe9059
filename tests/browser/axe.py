"""What axe, the accessibility checker, finds on a screen: labels, names, roles, contrast (WCAG 2 A and AA)."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from tests.browser.screen import settle

AXE = Path(__file__).resolve().parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")


def grave_findings(page: Page) -> list[str]:
    """Ask axe about what is on the screen now; the page's policy lets no script in but through the debugger.

    A notice that fades away meanwhile would have too little contrast, so the page is asked to move nothing.
    """
    page.emulate_media(reduced_motion="reduce")
    settle(page)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    answer = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    page.emulate_media(reduced_motion="no-preference")
    return [f"{violation['id']} {node['html'][:160]}" for violation in answer["violations"]
            if violation["impact"] in GRAVE for node in violation["nodes"]]
