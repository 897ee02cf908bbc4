"""What a reader agrees to. The text and its version are kept with each reader; a new text gets a new version."""

from typing import NamedTuple


class Consent(NamedTuple):
    version: str
    text: str


CONSENT = Consent(
    version="2026-11",
    text="Mail me the papers in my topics, at most once a day. I can stop with one click, at any time.",
)
