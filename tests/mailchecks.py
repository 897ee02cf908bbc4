"""The checks of ../shared/tools, run over every mail of an outbox: what mail systems and readers see."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[1].parent / "shared" / "tools"
INSTALLED = Path(os.environ.get("MAILTOOLS", Path.home() / ".cache" / "mailtools"))

needs_tools = pytest.mark.skipif(
    not (TOOLS.exists() and INSTALLED.exists()), reason="needs ../shared/tools, set up by its setup.sh"
)


def problems(outbox: Path) -> list[str]:
    """Return what the checks say against the mails, [] where they have nothing to say."""
    commands: list[tuple[str, ...]] = []
    for mail in sorted(outbox.glob("*.eml")):
        html = message_from_bytes(mail.read_bytes(), policy=policy.default).get_body(("html",))
        assert html is not None
        page = str(mail.with_suffix(".page.html"))
        Path(page).write_text(html.get_content())
        commands += [("check_eml.py", str(mail), "--no-dkim"), ("spam_score.sh", str(mail))]
        commands += [
            ("caniemail.sh", page),
            ("vnu.sh", page),
            ("axe.sh", page, "0", "390"),
            ("axe.sh", page, "0", "700"),
        ]
    assert commands
    with ThreadPoolExecutor(2) as pool:
        return [said for said in pool.map(_against, commands) if said]


def _against(command: tuple[str, ...]) -> str:
    check, *arguments = command
    done = subprocess.run([TOOLS / check, *arguments], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"{check} {arguments}: {done.stdout[-1500:]}{done.stderr[-500:]}"
