"""The field for a time zone: a list grouped by region, which takes any zone that the clock knows."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.clock import known_zones
from accounts.plan import validate_time_zone

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
    for zone in sorted(known_zones()):
        region, slash, city = zone.partition("/")
        if slash and region in cities:
            cities[region].append((zone, city.replace("_", " ").replace("/", ", ")))
    return tuple((region, tuple(found)) for region, found in cities.items())


@cache
def _options() -> str:
    """Return the options as HTML. Drawn one by one with templates they would cost more than the rest of a page."""
    groups = format_html_join(
        "", '<optgroup label="{}">{}</optgroup>', ((region, _drawn(city)) for region, city in zones())
    )
    return _drawn([("UTC", "UTC")]) + groups


def _drawn(cities: Iterable[tuple[str, str]]) -> SafeString:
    return format_html_join("", '<option value="{}">{}</option>', cities)


class ZoneSelect(forms.Select):
    """Shows the zone that is set even where it is not offered, such as US/Eastern: saving must not change it."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        zone, options = str(value or ""), _options()
        plain, selected = (format_html('<option value="{}"{}>', zone, mark) for mark in ("", SafeString(" selected")))
        if plain in options:
            options = options.replace(plain, selected, 1)
        elif zone in known_zones():
            options = format_html("{}{}</option>", selected, zone) + options
        attributes = flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})}))
        return format_html("<select{}>{}</select>", attributes, SafeString(options))


class ZoneField(forms.ChoiceField):
    widget = ZoneSelect

    def __init__(self, **given: Any) -> None:
        offered: Choices = [("UTC", "UTC"), *((region, list(cities)) for region, cities in zones())]
        super().__init__(**{"label": "Time zone", "choices": offered} | given)

    def validate(self, value: Any) -> None:
        forms.Field.validate(self, value)
        validate_time_zone(value)
