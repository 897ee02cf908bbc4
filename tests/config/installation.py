"""An installation of its own: commands run in processes that see only the environment they are given."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection

PRODUCTION = {
    "SECRET_KEY": "a key for this test alone, which has more than fifty different characters: 0123456789",
    "SITE_URL": "https://papers.uni-example.net",
    "HTTPS": "on",
    "POSTAL_ADDRESS": "Example University, 2 Quiet Road, 12345 Exampletown",
    "DATABASE_URL": "postgres://broadsheet:secret@database/broadsheet",
    "REDIS_URL": "redis://queue/0",
    "EMAIL_URL": "smtp+tls://broadsheet:secret@mail.uni-example.net:587",
}


def environment(var: Path, **given: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "VAR_DIR": str(var), **given}


def run(
    *arguments: str, var: Path, given: Mapping[str, str] = MappingProxyType({}), folder: Path = settings.BASE_DIR
) -> subprocess.CompletedProcess[str]:
    """Run Python with `arguments`; every warning is an error."""
    command = [sys.executable, "-W", "error", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(var, **given), capture_output=True, text=True, check=False, timeout=60
    )


def settings_in(
    var: Path, given: Mapping[str, str] = MappingProxyType({}), *, folder: Path = settings.BASE_DIR
) -> dict[str, Any]:
    """Return all settings, as JSON knows them, of an installation with just this environment."""
    code = "import json; from config import settings; print(json.dumps(vars(settings), default=str, skipkeys=True))"
    shown = run("-c", code, var=var, given=given, folder=folder)
    assert shown.returncode == 0, shown.stderr
    found: dict[str, Any] = json.loads(shown.stdout)
    return found


def database_url() -> str:
    """Return the address of the database of this test."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    login = f"{quote(database['USER'])}:{quote(database['PASSWORD'])}"
    return f"postgres://{login}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
