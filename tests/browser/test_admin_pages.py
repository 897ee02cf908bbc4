"""Every page of the admin in a real browser: nothing that its own rules refuse, nothing that a checker minds."""

from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.models import Reader
from tests.browser.checks import accessibility_problems, needs_checkers
from tests.browser.conftest import LOOKS, Visit, sign_in
from tests.digest.admin.make import ADDABLE, MAKE


def paths() -> list[str]:
    """Return the pages of every noun with one row: the list, the row, its history, and adding where staff may."""
    found = ["/admin/"]
    for model, make in MAKE.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row: Any = make(1)
        found += [reverse(f"{name}_changelist"), reverse(f"{name}_change", args=[row.pk])]
        found += [reverse(f"{name}_history", args=[row.pk])]
        found += [reverse(f"{name}_add")] if model in ADDABLE else []
    return found


def test_admin_registers_what_is_visited_here() -> None:
    ours = {model for model in admin.site._registry if model._meta.app_label in ("accounts", "digest")}
    assert set(MAKE) == ours


@needs_checkers
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_pages_keep_to_all_rules(visit: Visit, width: int, scheme: Any) -> None:
    page = visit("/", viewport={"width": width, "height": 900}, color_scheme=scheme)
    root = page.url.rstrip("/")
    sign_in(page, Reader.objects.create_superuser("staff@example.org", "a long pass phrase"))
    problems = []
    for path in paths():
        page.goto(root + path)
        problems += accessibility_problems(page)
    assert problems == []
