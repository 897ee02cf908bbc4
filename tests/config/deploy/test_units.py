import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from tests.config.deploy.units import HERE, UNITS, command, unit

SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
LASTING = [name for name in SERVICES if "migrate" not in name]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    for path in UNITS.iterdir():
        text = path.read_text()
        for there, here in HERE.items():
            text = text.replace(there, here)
        (tmp_path / path.name.replace("@.", "@1.")).write_text(text)
    units = sorted(str(path) for path in tmp_path.iterdir())
    verified = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in verified.stderr.splitlines() if "broadsheet" in line]
    assert (verified.returncode, ours) == (0, [])


@pytest.mark.parametrize("name", SERVICES)
def test_unit_runs_what_is_there_as_its_own_user(name: str) -> None:
    assert Path(command(name)[0]).exists()
    service = unit(name)
    assert (service["User"], service["WorkingDirectory"]) == ("broadsheet", "/opt/broadsheet")
    assert (service["NoNewPrivileges"], service["ProtectSystem"], service["CapabilityBoundingSet"]) == (
        "yes",
        "strict",
        "",
    )


@pytest.mark.parametrize("name", LASTING)
def test_unit_comes_back_and_tells_its_parent_alone_to_stop(name: str) -> None:
    service = unit(name)
    assert (service["Restart"], service["KillMode"]) == ("always", "mixed")


@pytest.mark.parametrize("name", ["broadsheet-worker@.service", "broadsheet-letters.service"])
def test_worker_has_time_to_finish(name: str) -> None:
    assert unit(name)["TimeoutStopSec"] == "120"


def test_target_wants_every_service() -> None:
    wanted = re.findall(r"broadsheet-\S+\.service", (UNITS / "broadsheet.target").read_text())
    assert {re.sub(r"@\d+", "@", name) for name in wanted} == set(LASTING)


def test_documents_name_files_that_exist() -> None:
    text = (UNITS.parent / "README.md").read_text()
    for path in re.findall(r"config/deploy[\w./]*\w", text):
        assert (settings.BASE_DIR / path).exists(), path
