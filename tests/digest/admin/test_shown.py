from typing import Any

import pytest
from django.test import Client
from lxml import html

from digest.models import Change, Paper, Source, Topic
from tests.make import make_paper, make_source, make_topic

pytestmark = pytest.mark.django_db


def as_shown(client: Client, path: str, name: str) -> dict[str, Any]:
    """Return what a browser sends when staff save a change page as it is."""
    forms = html.fromstring(client.get(path).content).forms
    return dict(next(form for form in forms if form.get("id") == f"{name}_form").form_values())


@pytest.mark.parametrize(
    "make", [lambda: make_paper(authors=["Ada Lindqvist"], categories=["cs.CL"]), make_source, make_topic]
)
def test_pages_are_made_anew_when_staff_save_or_delete_what_they_show(
    make: Any, admin_client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    def number_after(path: str, sent: dict[str, Any]) -> int:
        with django_capture_on_commit_callbacks(execute=True):
            assert admin_client.post(path, sent).status_code == 302
        return Change.objects.latest_number()

    row: Paper | Source | Topic = make()
    name = str(row._meta.model_name)
    every, one = f"/admin/digest/{name}/", f"/admin/digest/{name}/{row.pk}"
    assert number_after(f"{one}/change/", as_shown(admin_client, f"{one}/change/", name)) == 1
    assert number_after(f"{one}/delete/", {"post": "yes"}) == 2
    chosen = {"action": "delete_selected", "_selected_action": str(make().pk), "post": "yes"}
    assert number_after(every, chosen) == 3
