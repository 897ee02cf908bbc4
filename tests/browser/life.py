"""What one person does with Broadsheet, step by step, by the words on its pages and mails alone."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Reader
from digest.delivery.deliver import deliver_due
from digest.ingest.rank import match_due
from tests.browser.inbox import Inbox, Received

TOPICS = ("knowledge transfer", "graph neural networks", '"protein structure prediction"')


@dataclass
class Life:
    """A person at a page, with an inbox."""

    page: Page
    inbox: Inbox
    address: str
    has_script: bool

    @property
    def reader(self) -> Reader:
        reader: Reader = Reader.objects.get(email=self.address)
        return reader

    def press(self, words: str) -> None:
        self.page.get_by_role("button", name=words, exact=True).first.click()

    def follow(self, words: str) -> None:
        self.page.get_by_role("link", name=words, exact=True).first.click()

    def sees(self, words: str) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible()

    def mails(self) -> list[Received]:
        return self.inbox.of(self.address)

    def open_mailed(self, words: str) -> None:
        """Open what the newest mail has behind a link with these words."""
        self.page.goto(self.mails()[-1].links(words)[0])

    # --- The steps

    def sign_up(self) -> None:
        self.follow("Name several topics, and see what each brings")
        for place, topic in enumerate(TOPICS, 1):
            box = self.page.get_by_label(f"Topic {place}", exact=True)
            box.fill(topic)
            if self.has_script:
                row = self.page.locator(".topic").nth(place - 1)
                expect(row.locator(".preview")).to_contain_text(re.compile(r"(a day|a week)"))
        self.page.get_by_label("Your mail address").fill(self.address)
        self.press("Send me the papers")
        self.sees("Look into your inbox")

    def confirm(self) -> None:
        self.open_mailed("Confirm my address")
        self.press("Send me the papers")
        self.sees("That was all")

    def get_next_digest(self) -> datetime:
        """Let the clock strike the reader's next hour, and a minute before it to see that nothing comes early."""
        match_due(timezone.now())
        due = self.reader.next_digest_at
        assert due is not None
        before = len(self.mails())
        deliver_due(clock=lambda: due - timedelta(minutes=1))
        assert len(self.mails()) == before
        deliver_due(clock=lambda: due + timedelta(seconds=1))
        assert len(self.mails()) == before + 1
        return due

    def choose_hour(self, hour: int) -> None:
        self.page.get_by_label("Hour", exact=True).select_option(str(hour))
        self.press("Save")
        self.sees("Saved")

    def vote(self) -> None:
        self.open_mailed("More like this")
        self.press("More like this")
        self.sees("Noted: more like this")

    def change_topics(self) -> None:
        self.page.get_by_label("Topic 1", exact=True).fill("climate model emulation")
        self.press("Follow")
        self.sees("climate model emulation")
        self.page.get_by_role("button", name="Remove Graph neural networks").click()
        self.page.get_by_role("button", name="Mute knowledge transfer").click()
        self.page.get_by_role("button", name="Less of protein structure prediction").click()

    def pause_and_resume(self) -> None:
        self.press("Pause for a week")
        self.sees("Your digests are paused")
        self.press("Send me digests again")
        self.sees("See what it would bring now")

    def read_archive(self) -> None:
        self.follow("Archive")
        self.page.locator("main li a").first.click()
        self.sees("Knowledge transfer")
        self.follow("Next digest")
        self.sees("Your next digest")

    def leave(self) -> None:
        self.open_mailed("Unsubscribe")
        self.press("Unsubscribe")
        self.sees("You will get no more digests")

    def sign_in(self) -> None:
        """Sign in by the mailed code, from the page that asks for it."""
        self.page.get_by_label(re.compile("address", re.IGNORECASE)).first.fill(self.address)
        self.press("Send me a code")
        self.page.get_by_label(re.compile("code", re.IGNORECASE)).first.fill(self._code())
        self.press("Sign in")

    def _code(self) -> str:
        said = self.mails()[-1]
        assert "code" in said.subject.lower()
        found = re.search(r"^\s*([A-Z0-9][A-Z0-9-]{4,})\s*$", said.text, re.MULTILINE)
        assert found, said.text
        return found[1]

    def export(self) -> dict[str, Any]:
        self.follow("Take your data along")
        with self.page.expect_download() as download:
            self.press("Download the file")
        data: dict[str, Any] = json.loads(download.value.path().read_text(encoding="utf-8"))
        return data

    def erase(self) -> None:
        self.follow("Erase everything about you")
        self.press("Erase everything")
        self.sees("Everything is erased")
