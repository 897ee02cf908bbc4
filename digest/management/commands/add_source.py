"""Switches sources on by name or address, after showing what each would bring; and prints the catalogue."""

import re
import sys
from itertools import groupby
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from digest.ingest.clean import one_line
from digest.ingest.preview import Preview, preview
from digest.ingest.switch_on import Outcome, switch_on
from digest.management.output import DataCommand, add_json_option, print_json
from digest.models import Source
from digest.sources.address import without_login
from digest.sources.catalogue import Entry, NotInCatalogue, find, search

AUTHORS_SHOWN = 3
SKIPPED_SHOWN = 3

_WEB = re.compile(r"https?://", re.IGNORECASE)
# Something with a scheme, or a host before a path or a port: no name of the catalogue looks like that.
_ADDRESS = re.compile(r"\S*://|[^\s/]*[.:\]][^\s/]*/|[^\s/]+:\d+$")


class Command(DataCommand):
    help = "Add sources by a name of the catalogue or by address; what each brings is shown before you are asked."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("inputs", nargs="*", metavar="NAME_OR_URL", help="such as cs.CL, Nature, or an address")
        parser.add_argument(
            "--kind", choices=Source.Kind.values, help="what the addresses hold (default: told by content)"
        )
        parser.add_argument("--yes", action="store_true", help="add without asking")
        parser.add_argument(
            "--list", nargs="?", const="", metavar="WORDS", help="print the catalogue, or what has these words in it"
        )
        add_json_option(parser)

    def handle(self, *args: Any, inputs: list[str], **options: Any) -> None:
        if options["list"] is not None:
            self._print_catalogue(options["list"], as_json=options["json"])
            return
        if not all(given.strip() for given in inputs or [""]):
            raise CommandError("Name a source or give its address; --list prints the names.")
        if not options["yes"] and (options["json"] or not sys.stdin.isatty()):
            raise CommandError("Nobody is there to be asked: add --yes to add what can be used.")
        failed = [given for given in inputs if not self._add(given.strip(), options)]
        if failed:
            raise CommandError(f"{len(failed)} of {len(inputs)} could not be added.")

    def _add(self, given: str, options: dict[str, Any]) -> bool:
        """Add one source, or say why it cannot be; return whether it can."""
        try:
            entry = Entry("", "", _lowered(given), "") if _WEB.match(given) else find(given)
        except NotInCatalogue as error:
            whole = "Write the whole address, beginning with https://"
            problem = whole if _ADDRESS.match(given) else f"{error} See --list."
            return self._refuse(given, problem, as_json=options["json"])
        if Source.objects.filter(url=entry.url).exists():
            self._switch_on(given, entry, as_json=options["json"])
            return True
        found = preview(entry.url, kind=options["kind"])
        if found.problem:
            return self._refuse(given, found.problem, as_json=options["json"])
        if not options["json"]:
            self.stdout.write("\n".join(_lines(found)))
        is_on = found.known is not None and found.known.is_active
        if is_on or options["yes"] or self._agreed(found):
            self._switch_on(given, found.entry, found, as_json=options["json"])
        else:
            self.stdout.write("It stays switched off." if found.known else "Nothing added.")
        return True

    def _agreed(self, found: Preview) -> bool:
        question = "It is a source already, and off. Fetch it again" if found.known else "Fetch it from now on"
        self.stdout.write(f"{question}? [y/N] ", ending="")
        self.stdout.flush()
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def _switch_on(self, given: str, entry: Entry, found: Preview | None = None, *, as_json: bool) -> None:
        source, outcome = switch_on(entry, timezone.now())
        if as_json:
            line = {"input": given, "outcome": outcome, "name": source.name, "kind": source.kind, "url": source.url}
            print_json(self, line | ({"papers": found.count, "notes": found.notes} if found else {}))
            return
        due = "" if outcome is Outcome.THERE else "; it is fetched at the next minute"
        self.stdout.write(f"{source.name}: {outcome}{due}.")

    def _refuse(self, given: str, problem: str, *, as_json: bool) -> bool:
        given = without_login(given)
        if as_json:
            print_json(self, {"input": given, "problem": problem})
        else:
            self.stderr.write(self.style.ERROR(f"{given}: {problem}"))
        return False

    def _print_catalogue(self, words: str, *, as_json: bool) -> None:
        entries = search(words)
        states = dict(Source.objects.values_list("url", "is_active"))
        for group, listed in groupby(entries, key=lambda entry: entry.group):
            if not as_json:
                self.stdout.write(f"{group}")
            for entry in listed:
                self._print_entry(entry, states.get(entry.url), as_json=as_json)
        if not entries and not as_json:
            self.stdout.write(f"Nothing in the catalogue has “{words}” in it.")

    def _print_entry(self, entry: Entry, is_active: bool | None, *, as_json: bool) -> None:
        state = {None: "", True: "on", False: "off"}[is_active]
        if as_json:
            line = {"name": entry.name, "group": entry.group, "kind": entry.kind, "url": entry.url}
            print_json(self, line | {"publisher": entry.publisher, "state": state})
            return
        publisher = f" ({entry.publisher})" if entry.publisher else ""
        self.stdout.write(f"  {state:<3} {entry.name}{publisher}")


def _lowered(url: str) -> str:
    """Return an address with its scheme in small letters, so that it is the same address however it was typed."""
    scheme, sign, rest = url.partition("://")
    return f"{scheme.lower()}{sign}{rest}"


def _lines(found: Preview) -> list[str]:
    """Return what a person sees of a source before it is added."""
    papers = "paper" if found.count == 1 else "papers"
    lines = [f"{found.name}: {found.kind}, {found.count:,} {papers} now", f"  {found.url}"]
    for paper in found.papers:
        names = ", ".join(paper.authors[:AUTHORS_SHOWN]) or "no authors"
        others = max(paper.author_count, len(paper.authors)) - AUTHORS_SHOWN
        more = f" and {others:,} more" if others > 0 else ""
        abstract = "" if paper.abstract else ", no abstract"
        lines += [f"  - {paper.title}", f"    {names}{more}; {paper.announced_on or 'no date'}{abstract}"]
    lines += [
        f"  item {item.position} is left out: {one_line(item.reason, 200)}" for item in found.skipped[:SKIPPED_SHOWN]
    ]
    if len(found.skipped) > SKIPPED_SHOWN:
        lines.append(f"  and {len(found.skipped) - SKIPPED_SHOWN:,} more are left out")
    return lines + [f"  {note}" for note in found.notes]
