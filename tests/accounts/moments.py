"""Moments, zones and hours, far apart or at random."""

from datetime import UTC, datetime, timedelta
from zoneinfo import available_timezones

from hypothesis import strategies as st

AUCKLAND = "Pacific/Auckland"
HONOLULU = "Pacific/Honolulu"
# The last date line jump was at the end of 2011.
MOMENTS = st.integers(0, 28 * 365 * 86_400).map(lambda seconds: utc(2012, 1, 1) + timedelta(seconds=seconds))
ZONES = st.sampled_from(sorted(available_timezones()))
HOURS = st.integers(0, 23)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]
