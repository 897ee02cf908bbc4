"""Where benchmarks run: a new database and an outbox of their own, real input where there is some, JSON lines out."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
DATA = SHARED / "data"


def set_up() -> None:
    """Start Django on an empty database: SQLite in a temporary folder, or a new one beside DATABASE_URL's."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="broadsheet-bench-")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    if connection.vendor == "postgresql":
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        os.environ["DATABASE_URL"] = (
            os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
        )
    else:
        call_command("migrate", verbosity=0)


def report(figure: str, **values: Any) -> None:
    """Print one figure as one JSON line; fractions with three digits that count."""
    rounded = {name: float(f"{value:.3g}") if isinstance(value, float) else value for name, value in values.items()}
    print(json.dumps({"figure": figure, **rounded}), flush=True)  # noqa: T201 - what a benchmark is for
