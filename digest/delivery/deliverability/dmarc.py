"""DMARC (RFC 9989): what is to become of mail that is not what it says, and whether ours is: by SPF or by DKIM."""

from collections.abc import Iterator
from dataclasses import dataclass

from digest.delivery.deliverability.dkim_key import tags
from digest.delivery.deliverability.finding import Finding, fail, ok, unasked, warn
from digest.delivery.deliverability.names import CannotAsk, Names

ABOUT = "DMARC"
POLICIES = ("none", "quarantine", "reject")
DEEPEST = 8  # labels of a name that are looked at


@dataclass(frozen=True, slots=True)
class Found:
    """The record that holds for a domain, and where it stands."""

    at: str
    record: dict[str, str]


def find(names: Names, domain: str) -> Found | None:
    """Return the record of `domain`, or of the nearest domain above that has one. Two at one place count as none."""
    labels = domain.split(".")[-DEEPEST:]
    for above in range(len(labels) - 1):
        at = ".".join(labels[above:])
        found = _records(names, at)
        if len(found) == 1:
            return Found(at, tags(found[0]))
    return None


def _records(names: Names, domain: str) -> list[str]:
    texts = names.texts(f"_dmarc.{domain}")
    return [text for text in texts if text.partition(";")[0].replace(" ", "").upper() == "V=DMARC1"]


def aligned(domain: str, sender: str, above: str, *, strict: bool = False) -> bool:
    """Whether `domain` counts as that of the From address: it is the same, or both are under `above`."""
    if strict or domain == sender:
        return domain == sender
    return all(name == above or name.endswith(f".{above}") for name in (domain, sender))


def look(names: Names, sender: str, *, bounces: str, signs: str) -> Iterator[Finding]:
    """Look at the record for the domain of From; `bounces` is checked by SPF, and `signs` by DKIM."""
    try:
        found, here = find(names, sender), _records(names, sender)
    except CannotAsk as error:
        yield unasked(ABOUT, error)
        return
    todo = f"Publish one TXT record at _dmarc.{sender}: v=DMARC1; p=none; rua=mailto:dmarc@{sender}"
    if len(here) > 1:
        yield fail(ABOUT, f"_dmarc.{sender} has {len(here)} records: they count as none.", "Leave one of them.")
        return
    if found is None:
        yield fail(ABOUT, f"There is no record for {sender}: large mail systems ask for one.", todo)
        return
    yield from _policy(found, sender)
    yield from _alignment(found, sender, bounces, signs)


def _policy(found: Found, sender: str) -> Iterator[Finding]:
    name = "p" if found.at == sender or "sp" not in found.record else "sp"
    policy = found.record.get(name, "").lower()
    if policy not in POLICIES:
        said = f"_dmarc.{found.at} has no valid policy ({name}={policy})."
        yield fail(ABOUT, said, f"Write {name}=none, {name}=quarantine or {name}=reject.")
        return
    yield ok(ABOUT, f"_dmarc.{found.at} says {name}={policy}" + (" for a start." if policy == "none" else "."))
    if "rua" not in found.record:
        yield warn(ABOUT, "Nobody is told who sends in your name.", "Add rua=mailto: and an address of yours.")


def _alignment(found: Found, sender: str, bounces: str, signs: str) -> Iterator[Finding]:
    by_spf = aligned(bounces, sender, found.at, strict=found.record.get("aspf") == "s")
    by_dkim = aligned(signs, sender, found.at, strict=found.record.get("adkim") == "s")
    if by_spf and by_dkim:
        yield ok(ABOUT, f"From ({sender}) agrees with SPF ({bounces}) and with DKIM ({signs}).")
    elif by_spf or by_dkim:
        other = f"DKIM ({signs})" if by_spf else f"SPF ({bounces})"
        yield warn(ABOUT, f"From ({sender}) does not agree with {other}.", "Some mail systems want both to agree.")
    else:
        said = f"From ({sender}) agrees neither with SPF ({bounces}) nor with DKIM ({signs})."
        yield fail(ABOUT, said, "Let From, and what signs, be of one domain: see DEFAULT_FROM_EMAIL and DKIM_DOMAIN.")
