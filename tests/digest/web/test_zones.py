import pytest
from django import forms

from digest.web.zones import ZoneField, zones


class Form(forms.Form):
    zone = ZoneField()


def test_zones_are_grouped_by_region_with_cities_as_people_write_them() -> None:
    grouped = dict(zones())
    assert list(grouped) == sorted(grouped)
    assert ("America/Argentina/Buenos_Aires", "Argentina, Buenos Aires") in grouped["America"]
    assert ("Europe/Berlin", "Berlin") in grouped["Europe"]


def test_page_offers_groups_and_utc() -> None:
    page = str(Form(initial={"zone": "Europe/Berlin"})["zone"])
    assert '<optgroup label="Europe">' in page
    assert '<option value="UTC">UTC</option>' in page
    assert page.count(" selected") == 1


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Calcutta", "UTC", "US/Eastern", "Etc/GMT+5"])
def test_every_zone_that_the_clock_knows_is_taken(zone: str) -> None:
    form = Form({"zone": zone})
    assert (form.is_valid(), form.cleaned_data) == (True, {"zone": zone})


def test_zone_that_is_set_but_not_offered_stays_selected() -> None:
    page = str(Form(initial={"zone": "US/Eastern"})["zone"])
    assert '<option value="US/Eastern" selected>US/Eastern</option>' in page
    assert page.count(" selected") == 1


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "<script>", "Europe"])
def test_what_is_no_zone_is_refused_in_words(zone: str) -> None:
    form = Form({"zone": zone})
    assert form.errors == {"zone": [f"“{zone}” is not a time zone; write one like Europe/Berlin."]}
    assert " selected" not in str(form["zone"])


def test_missing_zone_is_asked_for() -> None:
    assert Form({}).errors == {"zone": ["This field is required."]}
