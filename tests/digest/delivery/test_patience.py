from threading import Event

import pytest
from django.db import OperationalError

from digest.delivery import patience as module
from digest.delivery.patience import Patience

pytestmark = pytest.mark.django_db  # between two tries the connection is looked at, if a test before left one


class Database:
    """A database that is away for so many tries."""

    def __init__(self, away: int) -> None:
        self.away = away
        self.tries = 0

    def write(self) -> str:
        self.tries += 1
        if self.tries <= self.away:
            raise OperationalError("gone")
        return "written"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSES", (0, 0, 0))


def test_step_is_done_again_until_the_database_is_back() -> None:
    database = Database(away=3)
    assert (Patience(Event()).until_done(database.write), database.tries) == ("written", 4)


def test_patience_ends_and_does_not_begin_anew() -> None:
    patience, database = Patience(Event()), Database(away=9)
    for tries in (4, 5):
        with pytest.raises(OperationalError, match="gone"):
            patience.until_done(database.write)
        assert database.tries == tries


def test_patience_is_whole_again_after_a_success() -> None:
    patience = Patience(Event())
    for _ in range(2):
        assert patience.until_done(Database(away=3).write) == "written"


def test_who_is_asked_to_stop_tries_once_more_only() -> None:
    asked, database = Event(), Database(away=9)
    asked.set()
    with pytest.raises(OperationalError):
        Patience(asked).until_done(database.write)
    assert database.tries == 2


def test_other_errors_are_not_waited_for() -> None:
    def mistaken() -> None:
        raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        Patience(Event()).until_done(mistaken)
