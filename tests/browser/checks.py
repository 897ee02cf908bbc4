"""What the checkers of ../shared/tools say of a page as it stands in the browser, with the session that it needs."""

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.mailchecks import INSTALLED

AXE = INSTALLED / "node_modules" / "axe-core" / "axe.min.js"
NU = INSTALLED / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"

COLOR_RULES = ["color-contrast", "link-in-text-block"]  # all that depend on the colour scheme

needs_checkers = pytest.mark.skipif(
    not (AXE.exists() and NU.exists()), reason="needs ../shared/tools, set up by its setup.sh"
)


def accessibility_problems(page: Page, only: Sequence[str] = ()) -> list[str]:
    """Return what axe has against the page, or `only` these rules of it: the rule, and the first element against it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {"runOnly": list(only)} if only else {}
    found = page.evaluate(
        "async options => (await axe.run(options)).violations.map(v => [v.id, v.help, v.nodes[0].html])", options
    )
    return [f"{page.url}: {rule}: {words}: {element[:200]}" for rule, words, element in found]


def keep_markup(page: Page, folder: Path) -> None:
    """Put the document, as the server sent it, into `folder`."""
    name = re.sub(r"\W+", "_", page.url)
    (folder / f"{name}.html").write_bytes(page.request.get(page.url).body())


def markup_problems(folder: Path) -> list[str]:
    """Return what the Nu checker has against the documents of `folder`; all at once, because it takes long to start."""
    command = ["java", "-Xss1m", "-jar", str(NU), "--errors-only", "--format", "json", "--stdout", "--exit-zero-always"]
    done = subprocess.run([*command, *map(str, folder.glob("*.html"))], capture_output=True, text=True, check=True)
    return [f"{found['url']}: {found['message']}" for found in json.loads(done.stdout)["messages"]]
