import ast
import re
from pathlib import Path

from django.conf import settings

from tests.config.deploy.units import DEPLOY
from tests.config.installation import settings_in

EXAMPLE = DEPLOY / "env.example"
LINE = re.compile(r"^#?([A-Z][A-Z_]+)=(.*)$", re.MULTILINE)


def read_by_settings() -> set[str]:
    """Return the names that settings.py reads from the environment, found in its code."""
    tree = ast.parse((settings.BASE_DIR / "config" / "settings.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    of_env = [call for call in calls if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "env"]
    first = [call.args[0] for call in of_env if call.args]
    return {str(name.value) for name in first if isinstance(name, ast.Constant)}


def test_example_names_every_setting_once_and_no_other() -> None:
    names = [name for name, _ in LINE.findall(EXAMPLE.read_text())]
    assert sorted(names) == sorted(read_by_settings())


def test_every_setting_of_the_example_is_explained() -> None:
    for block in EXAMPLE.read_text().split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith("# ---")]
        assert lines[0].startswith("# "), lines[0]


def test_defaults_of_the_example_are_those_of_the_settings(tmp_path: Path) -> None:
    """But for what is told from other settings, or means nothing until it is set."""
    text = re.sub(r"^#([A-Z])", r"\1", EXAMPLE.read_text(), flags=re.MULTILINE)
    said = {name: value for name, value in LINE.findall(text) if value and not name.endswith("_URL")}
    given = {"SITE_URL": "https://papers.example.org", "EMAIL_TIMEOUT": "30"}
    known, told = settings_in(tmp_path, given), settings_in(tmp_path, {**given, **said, "VAR_DIR": str(tmp_path)})
    assert {name: told[name] for name in said if name in told} == {name: known[name] for name in said if name in known}
