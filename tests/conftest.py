"""What every test stands on: a database file that several processes can share, an outbox of its own, a fixed site.

And `--database-only`, for a second database: it leaves out the tests that would do there what they did on the first.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as project
from hypothesis import HealthCheck
from hypothesis import settings as examples

from tests.messenger import wait_for_letters

# A busy machine makes no example wrong. `--hypothesis-profile=long` tries ten times as many.
examples.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.register_profile("long", examples.get_profile("busy"), max_examples=1000)
examples.load_profile("busy")

DATABASE = {"db", "transactional_db", "django_db_setup"}  # fixtures that open it; `django_db` asks for one of them


def pytest_configure(config: pytest.Config) -> None:
    """Let each of several test processes count in a Redis database of its own: clearing one clears all of it."""
    cache = project.CACHES["default"]
    if project.REDIS_URL and (worker := str(getattr(config, "workerinput", {}).get("workerid", ""))):
        cache["LOCATION"] = urlsplit(project.REDIS_URL)._replace(path=f"/{1 + int(worker.removeprefix('gw'))}").geturl()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database-only", action="store_true", help="leave out tests that have no way to a database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep only tests with a way to the database, or to servers of their own, where that is asked for.

    To all others pytest-django refuses the database, and with it the cache: they cannot tell which one it is.
    """
    if config.getoption("--database-only"):
        config.hook.pytest_deselected(items=[item for item in items if not _may_differ(item)])
        items[:] = filter(_may_differ, items)


def _may_differ(item: pytest.Item) -> bool:
    if item.get_closest_marker("once"):
        return False
    marked = any(item.get_closest_marker(name) for name in ("django_db", "postgres", "redis"))
    return marked or not DATABASE.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> None:
    """Put SQLite's test database into a file: in memory it could not be shared with other threads and processes."""
    database = project.DATABASES["default"]
    suffix = "" if worker_id == "master" else f"_{worker_id}"
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
    else:
        database.setdefault("TEST", {})["NAME"] = f"test_broadsheet{suffix}"


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    return str(getattr(request.config, "workerinput", {}).get("workerid", "master"))


@pytest.fixture(autouse=True)
def site(settings: Any, tmp_path: Path) -> None:
    settings.SITE_URL = "https://papers.example.org"
    settings.MAIL_DOMAIN = "papers.example.org"
    settings.DEFAULT_FROM_EMAIL = "Broadsheet <digest@papers.example.org>"
    settings.EMAIL_FILE_PATH = tmp_path / "outbox"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.VAR_DIR = tmp_path
    settings.API_RATE = ""  # tests of the limits set one
    settings.COUNTED_IN = "memory://"  # what one test asked counts against no other
    settings.PAGES_KEPT = 0  # what a test does between two looks at a page is never committed, so no page would know


@pytest.fixture(autouse=True)
def new_process() -> None:
    """Let each test try topics and search on its own papers, as a process does that has just started."""
    from digest.ingest.frequencies import frequencies  # noqa: PLC0415
    from digest.ingest.sample import samples  # noqa: PLC0415 - models come after the settings
    from digest.web.limits import counter  # noqa: PLC0415

    samples.forget()
    frequencies.forget()
    counter.cache_clear()


@pytest.fixture(autouse=True)
def letters_on_their_way() -> Iterator[None]:
    """Let no delivery of letters outlive its test: the database is emptied after it."""
    yield
    wait_for_letters()
