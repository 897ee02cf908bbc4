"""The field for a time zone: a list grouped by region, which takes any zone that the clock knows."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms

from accounts.models import validate_time_zone

REGIONS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)
Choices = list[tuple[str, str | list[tuple[str, str]]]]


@cache
def zones() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return (region, ((zone, city), ...)) for all places of the world. Other zones, but for UTC, are not offered."""
    cities: dict[str, list[tuple[str, str]]] = {region: [] for region in REGIONS}
    for zone in sorted(available_timezones()):
        region, slash, city = zone.partition("/")
        if slash and region in cities:
            cities[region].append((zone, city.replace("_", " ").replace("/", ", ")))
    return tuple((region, tuple(found)) for region, found in cities.items())


class ZoneSelect(forms.Select):
    """Shows the zone that is set even where it is not offered, such as US/Eastern: saving must not change it."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        groups = super().optgroups(name, value, attrs)
        offered = {option["value"] for _, options, _ in groups for option in options}
        others = [zone for zone in value if zone and zone not in offered and zone in available_timezones()]
        return [(None, [self.create_option(name, zone, zone, True, 0)], 0) for zone in others] + groups


class ZoneField(forms.ChoiceField):
    widget = ZoneSelect

    def __init__(self, **given: Any) -> None:
        offered: Choices = [("UTC", "UTC"), *((region, list(cities)) for region, cities in zones())]
        super().__init__(**{"label": "Time zone", "choices": offered} | given)

    def validate(self, value: Any) -> None:
        forms.Field.validate(self, value)
        validate_time_zone(value)
