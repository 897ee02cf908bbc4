from typing import Any

import pytest
from django.test import Client

from digest.models import Host

pytestmark = pytest.mark.django_db

ADD = "/admin/digest/host/add/"


@pytest.mark.parametrize(
    ("written", "name"), [("rss.arxiv.org", "rss.arxiv.org"), (" Feeds.Example.ORG ", "feeds.example.org")]
)
def test_add_page_makes_a_limit_for_a_host(admin_client: Client, written: str, name: str) -> None:
    assert admin_client.post(ADD, {"name": written, "gap_seconds": "2.5"}).status_code == 302
    assert Host.objects.gap(name) == 2.5


@pytest.mark.parametrize("written", ["https://rss.arxiv.org/", "rss.arxiv.org/rss", "two hosts", "example.org:8080"])
def test_add_page_says_how_a_host_is_written(admin_client: Client, written: str) -> None:
    answer: Any = admin_client.post(ADD, {"name": written, "gap_seconds": "1"})
    assert answer.context["adminform"].form.errors == {
        "name": ["Write the host alone, such as rss.arxiv.org, without https:// or a path."]
    }


def test_add_page_refuses_a_negative_pause(admin_client: Client) -> None:
    answer: Any = admin_client.post(ADD, {"name": "feeds.example.org", "gap_seconds": "-1"})
    assert list(answer.context["adminform"].form.errors) == ["gap_seconds"]


def test_change_page_takes_the_limit_of_all_other_hosts(admin_client: Client) -> None:
    host = Host.objects.get_or_create(name="*")[0]
    path = f"/admin/digest/host/{host.pk}/change/"
    assert admin_client.post(path, {"name": "*", "gap_seconds": "4"}).status_code == 302
    assert Host.objects.gap("feeds.example.org") == 4


def test_list_says_which_hosts_have_no_limit_of_their_own(admin_client: Client) -> None:
    Host.objects.create(name="feeds.example.org")
    Host.objects.create(name="slow.example.org", gap_seconds=2.5)
    page = admin_client.get("/admin/digest/host/").content.decode()
    assert '<td class="field-pause">as for every other host</td>' in page
    assert '<td class="field-pause">2.5</td>' in page
