"""What stands in the units and in the compose file, for tests: the very commands, as they would be run here."""

import shlex
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

DEPLOY = settings.BASE_DIR / "config" / "deploy"
UNITS = DEPLOY / "systemd"
HERE = {"/opt/broadsheet/.venv/bin": str(Path(sys.executable).parent), "/opt/broadsheet": str(settings.BASE_DIR)}


def unit(name: str) -> dict[str, str]:
    """Return the options of a unit's [Service]; of those that stand there twice, all in one."""
    parser = ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(UNITS / name)
    return dict(parser["Service"])


def command(name: str, instance: str = "1") -> list[str]:
    """Return the command of a unit as systemd would run it, with the paths of this machine."""
    line = unit(name)["ExecStart"].replace("%i", instance).replace("%%", "%")
    for there, here in HERE.items():
        line = line.replace(there, here)
    return shlex.split(line)


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found
