from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from digest.models import Sighting
from digest.sources.listing import AnnounceType
from tests.make import TODAY, make_paper, make_sighting, make_source

pytestmark = pytest.mark.django_db


def test_sighting_of_one_day_and_type_exists_once() -> None:
    sighting = make_sighting(make_paper())
    with pytest.raises(IntegrityError):
        make_sighting(sighting.paper, sighting.source)


def test_sighting_on_another_day_or_of_another_type_is_another() -> None:
    paper, source = make_paper(), make_source()
    make_sighting(paper, source)
    make_sighting(paper, source, announced_on=TODAY + timedelta(days=1))
    make_sighting(paper, source, announce_type="cross")
    make_sighting(paper)
    assert paper.sightings.count() == 4


@pytest.mark.parametrize("announce_type", [kind.value for kind in AnnounceType])
def test_sighting_type_of_every_listing_is_stored(announce_type: str) -> None:
    sighting = make_sighting(make_paper(), announce_type=announce_type)
    sighting.full_clean()
    assert sighting.announce_type == announce_type


def test_sighting_type_unknown_is_refused_by_the_database() -> None:
    sighting = make_sighting(make_paper())
    with pytest.raises(IntegrityError), transaction.atomic():
        Sighting.objects.filter(pk=sighting.pk).update(announce_type="withdrawn")


def test_deleting_the_source_deletes_its_sightings() -> None:
    sighting = make_sighting(make_paper())
    sighting.source.delete()
    assert Sighting.objects.count() == 0


def test_str_names_paper_source_and_day() -> None:
    sighting = make_sighting(make_paper())
    assert str(sighting) == f"{sighting.paper_id} in {sighting.source_id} on 2026-03-04"
