"""Somebody at a page who goes on by its links and fields, by pointer or by keyboard alone.

By keyboard each stop on the way must be seen: a ring around what has the focus, inside the window.
"""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

MOST_TABS = 200
SKIP = "Skip to the content"

# Whether the element that has the focus is the wanted one, what it is, and whether its ring is seen.
STOP = """wanted => {
  const here = document.activeElement, style = getComputedStyle(here), box = here.getBoundingClientRect();
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return [here === wanted, here.outerHTML.slice(0, 200), ring && inside];
}"""

# By keyboard or not, with JavaScript or not.
each_way = pytest.mark.parametrize(
    ("by_keyboard", "has_script"),
    [(False, True), (True, True), (True, False)],
    ids=["pointer", "keyboard", "keyboard without JavaScript"],
)


@dataclass(frozen=True, slots=True)
class Visitor:
    page: Page
    by_keyboard: bool
    looks_for_ring: bool = True  # in the admin it is Django's own, where there is one

    def press(self, wanted: Locator) -> None:
        """Press a link or a button."""
        if self.by_keyboard:
            self.reach(wanted)
            self.page.keyboard.press("Enter")
        else:
            wanted.click()

    def write(self, wanted: Locator, text: str) -> None:
        """Write into a field, instead of what is there."""
        if self.by_keyboard:
            self.reach(wanted)
        else:
            wanted.click()
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.type(text)

    def send(self, wanted: Locator, text: str) -> None:
        """Write into a field and send its form."""
        self.write(wanted, text)
        self.page.keyboard.press("Enter")

    def reach(self, wanted: Locator, *, key: str = "Tab") -> None:
        """Go forward, or back by "Shift+Tab", as far as it takes."""
        handle = wanted.element_handle()
        self.page.wait_for_load_state()  # with its style
        for _ in range(MOST_TABS):
            self.page.keyboard.press(key)
            is_there, element, is_seen = self.page.evaluate(STOP, handle)
            assert is_seen or not self.looks_for_ring, f"{self.page.url}: the focus is not seen on {element}"
            if is_there:
                return
        raise AssertionError(f"{self.page.url}: the keyboard does not get to {wanted}")

    def skip(self) -> None:
        """Pass over the head of the page, which is the same everywhere; a pointer needs no such thing."""
        if self.by_keyboard:
            self.press(self.page.get_by_role("link", name=SKIP))

    def arrives(self, heading: str) -> None:
        """See the page that has this heading, and no other of its rank."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
