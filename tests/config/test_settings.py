import shutil
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

from tests.config.installation import PRODUCTION, run, settings_in

SQLITE_ONLY = pytest.mark.skipif(connection.vendor != "sqlite", reason="needs SQLite: leave DATABASE_URL empty")


# --- With nothing set


def test_check_without_any_environment_passes(tmp_path: Path) -> None:
    checked = run("manage.py", "check", "--fail-level", "WARNING", var=tmp_path / "var")
    assert (checked.returncode, checked.stdout) == (0, "System check identified no issues (0 silenced).\n")


def test_web_process_without_any_environment_starts_without_a_warning(tmp_path: Path) -> None:
    started = run("-c", "import config.wsgi", var=tmp_path / "var")
    assert (started.returncode, started.stderr) == (0, "")


def test_settings_without_any_environment_are_embedded(tmp_path: Path) -> None:
    found = settings_in(tmp_path)
    assert found["DATABASES"]["default"]["NAME"] == str(tmp_path / "broadsheet.sqlite3")
    assert (found["CELERY_BROKER_URL"], found["CELERY_TASK_ALWAYS_EAGER"]) == ("memory://localhost/", True)
    assert found["EMAIL_BACKEND"] == "django.core.mail.backends.filebased.EmailBackend"
    assert found["EMAIL_FILE_PATH"] == str(tmp_path / "outbox")
    assert (found["DEBUG"], found["SECRET_KEY_FALLBACKS"]) == (False, [])
    assert found["ALLOWED_HOSTS"] == ["broadsheet.example.org", "localhost", "127.0.0.1", "[::1]"]


def test_deploy_check_of_the_sample_settings_says_what_is_missing(tmp_path: Path) -> None:
    checked = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", var=tmp_path)
    assert checked.returncode == 1
    for missing in ("SITE_URL", "POSTAL_ADDRESS", "sent to nobody", "SECURE_SSL_REDIRECT"):
        assert missing in checked.stderr


# --- In production


def test_deploy_check_of_a_production_environment_is_clean(tmp_path: Path) -> None:
    checked = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", var=tmp_path, given=PRODUCTION)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout == "System check identified no issues (0 silenced).\n"


def test_settings_of_a_production_environment_are_grown(tmp_path: Path) -> None:
    found = settings_in(tmp_path, PRODUCTION)
    database = found["DATABASES"]["default"]
    assert (database["ENGINE"], database["HOST"]) == ("django.db.backends.postgresql", "database")
    assert (database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"]) == (60, True)
    assert database["OPTIONS"] == {"connect_timeout": 10}
    assert (found["CELERY_BROKER_URL"], found["CELERY_TASK_ALWAYS_EAGER"]) == ("redis://queue/0", False)
    assert found["CACHES"]["default"]["LOCATION"] == "redis://queue/0"
    assert found["CACHES"]["default"]["OPTIONS"] == {"socket_connect_timeout": 2, "socket_timeout": 2}
    assert found["CELERY_BROKER_TRANSPORT_OPTIONS"] == {
        "socket_connect_timeout": 5,
        "socket_timeout": 10,
        "queue_order_strategy": "priority",
    }
    assert found["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"]) == ("mail.uni-example.net", 587, True)
    assert found["DEFAULT_FROM_EMAIL"] == "Broadsheet <digest@papers.uni-example.net>"
    assert found["SITE_HOST"] == "papers.uni-example.net"


def test_production_makes_no_secret_file(tmp_path: Path) -> None:
    settings_in(tmp_path, PRODUCTION)
    assert not (tmp_path / "secret.key").exists()


def test_provider_of_anymail_is_taken_from_the_environment(tmp_path: Path) -> None:
    backend = "anymail.backends.postmark.EmailBackend"
    found = settings_in(tmp_path, {"EMAIL_BACKEND": backend, "ANYMAIL": '{"POSTMARK_SERVER_TOKEN": "abc"}'})
    assert found["EMAIL_BACKEND"] == backend
    assert found["ANYMAIL"] == {"POSTMARK_SERVER_TOKEN": "abc"}


# --- Secrets and files


def test_secret_key_is_made_once_and_kept_for_the_owner_alone(tmp_path: Path) -> None:
    first, second = settings_in(tmp_path)["SECRET_KEY"], settings_in(tmp_path)["SECRET_KEY"]
    kept = tmp_path / "secret.key"
    assert first == second == kept.read_text()
    assert len(first) == 50
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_secret_key_is_the_same_for_processes_that_start_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as starts:
        keys = list(starts.map(lambda _: settings_in(tmp_path)["SECRET_KEY"], range(4)))
    assert keys == [(tmp_path / "secret.key").read_text()] * 4


def test_secret_key_of_every_installation_is_its_own(tmp_path: Path) -> None:
    assert settings_in(tmp_path / "one")["SECRET_KEY"] != settings_in(tmp_path / "two")["SECRET_KEY"]


def test_variable_may_be_the_content_of_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("a key out of a file\n")
    found = settings_in(tmp_path / "var", {"SECRET_KEY_FILE": str(secret)})
    assert found["SECRET_KEY"] == "a key out of a file"  # noqa: S105 - invented
    assert not (tmp_path / "var" / "secret.key").exists()


def test_variables_are_read_from_the_env_file_beside_manage(tmp_path: Path) -> None:
    shutil.copytree(settings.BASE_DIR / "config", tmp_path / "config")
    (tmp_path / ".env").write_text('SITE_NAME="Quiet Papers"\nCURATOR=from the file\n')
    found = settings_in(tmp_path / "var", {"CURATOR": "from outside"}, folder=tmp_path)
    assert (found["SITE_NAME"], found["CURATOR"]) == ("Quiet Papers", "from outside")


# --- SQLite


@SQLITE_ONLY
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 1), ("foreign_keys", 1), ("busy_timeout", 20_000)]
)
def test_sqlite_option_is_in_force(pragma: str, value: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {pragma}")
        assert cursor.fetchone() == (value,)


@SQLITE_ONLY
@pytest.mark.django_db(transaction=True)
def test_sqlite_transaction_takes_the_right_to_write_as_it_begins() -> None:
    other = sqlite3.connect(connection.settings_dict["NAME"], timeout=0)
    with transaction.atomic(), pytest.raises(sqlite3.OperationalError, match="database is locked"):
        other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()


def test_email_url_with_options_is_refused_because_they_would_not_give_tls(tmp_path: Path) -> None:
    given = {"EMAIL_URL": "smtp://user:password@mail.example.org:587/?tls=True"}
    checked = run("manage.py", "check", var=tmp_path, given=given)
    assert checked.returncode == 1
    assert "EMAIL_URL takes no options after a question mark: write smtp+tls://" in checked.stderr


def test_email_url_leaves_the_outbox_where_it_is(tmp_path: Path) -> None:
    found = settings_in(tmp_path, {"EMAIL_URL": "smtp+tls://user:password@mail.example.org:587"})
    assert (found["EMAIL_USE_TLS"], found["EMAIL_FILE_PATH"]) == (True, str(tmp_path / "outbox"))
