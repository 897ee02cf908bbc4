"""A Finding: one thing that was looked at, how it is, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "OK"
    WARN = "WARN"  # better seen to; or it could not be found out
    FAIL = "FAIL"  # mail will be refused, or taken for spam


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    about: str
    said: str
    todo: str = ""


def ok(about: str, said: str) -> Finding:
    return Finding(Level.OK, about, said)


def warn(about: str, said: str, todo: str) -> Finding:
    return Finding(Level.WARN, about, said, todo)


def fail(about: str, said: str, todo: str) -> Finding:
    return Finding(Level.FAIL, about, said, todo)


def unasked(about: str, error: object) -> Finding:
    return Finding(
        Level.WARN, about, f"could not be asked: {error}", "Run this again where the network can be reached."
    )
