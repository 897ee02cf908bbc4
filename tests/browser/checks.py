"""What the checkers of ../shared/tools say of a page as it stands in the browser, with the session that it needs."""

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.mailchecks import INSTALLED, TOOLS

AXE = INSTALLED / "node_modules" / "axe-core" / "axe.min.js"

needs_checkers = pytest.mark.skipif(
    not (TOOLS.exists() and AXE.exists()), reason="needs ../shared/tools, set up by its setup.sh"
)


def accessibility_problems(page: Page) -> list[str]:
    """Return what axe has against the page: the rule, and the first element that breaks it."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations.map(v => [v.id, v.help, v.nodes[0].html])")
    return [f"{page.url}: {rule}: {words}: {element[:200]}" for rule, words, element in found]


def markup_problems(page: Page, folder: Path) -> list[str]:
    """Return what the Nu checker has against the document as the server sent it."""
    answer = page.request.get(page.url)
    document = folder / "page.html"
    document.write_bytes(answer.body())
    done = subprocess.run([TOOLS / "vnu.sh", str(document)], capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [f"{page.url}: {done.stdout[-1500:]}"]
