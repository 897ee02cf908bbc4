from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import signing
from hypothesis import given
from hypothesis import strategies as st

from digest.ingest.look_up import HIDDEN, Refused
from digest.ingest.submit import ANOTHERS, GONE, LASTS, READERS, TOO_OLD, YOURS, opened, refuse_taken, seal, submit
from digest.models import Paper, Source, Submission
from digest.sources.listing import Scheme
from tests.make import NOON, make_identifier, make_listing, make_paper, make_reader

pytestmark = pytest.mark.django_db


def refused(act: Any, *args: Any) -> str:
    with pytest.raises(Refused) as caught:
        act(*args)
    return str(caught.value)


def test_what_was_sealed_is_what_is_opened() -> None:
    reader = make_reader()
    shown = make_listing(title="On $n<p$", submitted_at=NOON, version=3, author_count=7)
    assert opened(seal(shown, reader), reader) == shown
    known = make_paper()
    assert opened(seal(known, reader), reader) == known


def test_seal_is_for_one_reader_and_for_a_while() -> None:
    ada, ben = make_reader(), make_reader()
    with time_machine.travel(NOON, tick=False):
        sealed = seal(make_listing(), ada)
        assert refused(opened, sealed, ben) == TOO_OLD
    with time_machine.travel(NOON + LASTS + timedelta(seconds=1), tick=False):
        assert refused(opened, sealed, ada) == TOO_OLD


@given(st.text())
def test_text_that_nobody_sealed_is_refused(text: str) -> None:
    reader = make_reader()
    assert refused(opened, text, reader) == TOO_OLD


@pytest.mark.parametrize("said", ["{}", "7", "null", '{"reader": 1}'])
def test_seal_of_another_version_is_refused(said: str) -> None:
    reader = make_reader(pk=1)
    assert refused(opened, signing.dumps(said, salt="broadsheet.submission"), reader) == TOO_OLD


def test_forged_seal_is_refused() -> None:
    reader = make_reader()
    sealed = seal(make_listing(), reader)
    assert refused(opened, sealed[:-1] + ("A" if sealed[-1] != "A" else "B"), reader) == TOO_OLD
    assert refused(opened, signing.dumps({"reader": reader.pk}), reader) == TOO_OLD


def test_paper_that_went_since_it_was_shown_is_refused() -> None:
    reader, paper = make_reader(), make_paper()
    sealed = seal(paper, reader)
    paper.hide("no", NOON)
    assert refused(opened, sealed, reader) == GONE


def test_new_paper_is_stored_seen_and_due() -> None:
    reader = make_reader()
    submission = submit(make_listing(title="Stones", abstract="They float."), reader, "Read it", NOON)
    paper = Paper.objects.get()
    assert (submission.paper, submission.reader, submission.said) == (paper, reader, "Read it")
    assert (submission.state, submission.submitted_at) == (Submission.State.WAITING, NOON)
    assert (paper.title, paper.match_due_at, paper.index_due_at) == ("Stones", NOON, NOON)
    sighting = paper.sightings.get()
    assert (sighting.source.name, sighting.source.url) == ("Readers of Broadsheet", READERS)
    assert (sighting.source.kind, sighting.source.is_active) == (Source.Kind.PAPER_PAGE, False)


def test_stored_paper_is_left_as_it_is() -> None:
    paper = make_paper()
    submit(paper, make_reader(), "", NOON)
    paper.refresh_from_db()
    assert (paper.sightings.count(), paper.match_due_at, Source.objects.count()) == (0, None, 0)


def test_paper_that_came_in_since_it_was_shown_is_that_paper() -> None:
    paper, listing = make_paper(), make_listing(title="Stones")
    make_identifier(paper, listing.identifiers[0].value)
    assert submit(listing, make_reader(), "", NOON).paper == paper
    paper.hide("no", NOON)
    assert refused(submit, listing, make_reader(), "", NOON) == HIDDEN


def test_paper_is_submitted_once() -> None:
    ada, ben, paper = make_reader(), make_reader(), make_paper()
    refuse_taken(paper, ada)
    submit(paper, ada, "", NOON)
    assert refused(submit, paper, ada, "", NOON) == YOURS
    assert refused(submit, paper, ben, "", NOON) == ANOTHERS
    with pytest.raises(Refused) as caught:
        refuse_taken(paper, ben)
    assert caught.value.paper == paper
    assert Submission.objects.count() == 1


def test_paper_without_any_identifier_but_its_title_is_stored_once() -> None:
    listing = make_listing(identifiers=make_listing().identifiers)
    assert listing.identifiers[0].scheme is Scheme.ARXIV
    first = submit(listing, make_reader(), "", NOON).paper
    with pytest.raises(Refused) as caught:
        submit(listing, make_reader(), "", NOON)
    assert caught.value.paper == first
