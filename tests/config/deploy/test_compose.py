import json
import re
import shlex
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import pytest

from tests.config.deploy.units import DEPLOY, command, compose

SERVICES: dict[str, Any] = compose()["services"]
OURS = ("migrate", "web", "worker", "letters", "clock")
UNIT = {name: f"broadsheet-{name}.service" for name in ("migrate", "web", "letters", "clock")}


def test_file_has_everything_that_runs() -> None:
    assert set(SERVICES) == {"database", "queue", *OURS}


@pytest.mark.skipif(find_spec("check_jsonschema") is None, reason="needs check-jsonschema")
def test_file_keeps_to_the_schema_of_compose_files() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"]
    checked = subprocess.run(check, cwd=DEPLOY, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, "ok -- validation done\n")


@pytest.mark.parametrize("name", OURS)
def test_service_of_ours_has_no_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["volumes"] == ["var:/var/lib/broadsheet"]


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "migrate"])
def test_service_comes_back_by_itself(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ["web", "worker", "letters", "clock"])
def test_service_waits_for_what_it_needs(name: str) -> None:
    waits = {needed: how["condition"] for needed, how in SERVICES[name]["depends_on"].items()}
    assert waits == {
        "database": "service_healthy",
        "queue": "service_healthy",
        "migrate": "service_completed_successfully",
    }
    assert all("test" in SERVICES[needed]["healthcheck"] for needed in ("database", "queue"))


@pytest.mark.parametrize("name", ["worker", "letters"])
def test_worker_has_time_to_finish_and_says_how_it_is(name: str) -> None:
    service = SERVICES[name]
    assert service["stop_grace_period"] == "2m"
    assert f"127.0.0.1:{service['environment']['WORKER_PORT']}/healthz/ready" in service["healthcheck"]["test"][-1]


def test_workers_can_be_many() -> None:
    assert SERVICES["worker"]["deploy"] == {"replicas": 2}
    assert not {"container_name", "ports", "hostname"} & SERVICES["worker"].keys()


def test_secrets_are_files_and_stand_nowhere_else() -> None:
    secrets = compose()["secrets"]
    assert all(set(secret) == {"file"} for secret in secrets.values())
    for service in SERVICES.values():
        used = {value.rpartition("/")[2] for key, value in service.get("environment", {}).items() if "_FILE" in key}
        assert used <= set(service.get("secrets", []))
        assert not any("PASSWORD" in key and "_FILE" not in key for key in service.get("environment", {}))


@pytest.mark.parametrize("name", UNIT)
def test_command_is_that_of_the_unit(name: str) -> None:
    """So that the test that runs the commands of the units runs these too."""
    given = [part.replace("127.0.0.1:8000", "0.0.0.0:8000") for part in command(UNIT[name])]
    given = ["--pidfile" if part == "--pidfile=" else part.rpartition("/")[2] or part for part in given]
    mine = [part.rpartition("/")[2] or part for part in SERVICES[name]["command"] if part]
    assert [part for part in given if part not in ("--hostname", "letters@%h")] == mine


# --- The image


def dockerfile() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile, each with what it is told."""
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.strip().partition(" ") for line in lines)]


def test_image_installs_only_what_is_pinned_by_hash() -> None:
    installs = [told for word, told in dockerfile() if word == "RUN" and "pip" in told]
    assert [("--require-hashes" in told, "-r /tmp/requirements.txt" in told) for told in installs] == [(True, True)]


def test_image_runs_as_nobody_of_importance() -> None:
    words = dockerfile()
    assert [told for word, told in words if word == "USER"] == ["broadsheet"]
    assert re.search(r"--uid 10001\b", " ".join(told for word, told in words if word == "RUN"))


def test_image_starts_the_web_server_as_compose_does() -> None:
    told = [told for word, told in dockerfile() if word == "CMD"]
    assert json.loads(told[0]) == SERVICES["web"]["command"]


def test_image_holds_all_that_is_copied_and_nothing_of_a_developer() -> None:
    copies = [shlex.split(told)[:-1] for word, told in dockerfile() if word == "COPY" and "--from" not in told]
    copied = [path for paths in copies for path in paths]
    wanted = [line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().split() if line.startswith("!")]
    assert sorted(copied) == sorted(wanted)
    assert all((DEPLOY.parent.parent / path).exists() for path in wanted)


def test_no_file_names_a_registry_of_packages() -> None:
    assert not [path for path in DEPLOY.rglob("*") if path.is_file() and "index-url" in path.read_text()]
