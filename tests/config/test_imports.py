import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings


def test_imports_keep_to_the_contracts() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run(
        [lint_imports, "--no-cache"], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_no_test_imports_from_another() -> None:
    """What several need has a module of its own. A file may have a process of its own import itself."""
    imported = re.compile(r"^(?:from|import) \S*\b(test_\w+)", re.MULTILINE)
    files = sorted((settings.BASE_DIR / "tests").rglob("*.py"))
    assert [
        f"{name} by {file.name}" for file in files for name in imported.findall(file.read_text()) if name != file.stem
    ] == []
