from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from digest.models import Tally

pytestmark = pytest.mark.django_db
PROBES = ("/healthz/live", "/healthz/ready", "/metrics")


@pytest.fixture(autouse=True)
def embedded(settings: Any) -> None:
    settings.REDIS_URL = ""


def test_live_says_so(client: Client) -> None:
    answer = client.get("/healthz/live")
    assert (answer.status_code, answer.json()) == (200, {"live": True})


def test_live_asks_no_database(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        client.get("/healthz/live")


def test_ready_says_so(client: Client) -> None:
    Tally.objects.create(pk=1, taken_at=timezone.now())
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "wrong": {}})


def test_ready_says_what_is_wrong(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.web.probes.timezone.now", lambda: NEXT_DAY)
    answer = client.get("/healthz/ready")
    assert (answer.status_code, set(answer.json()["wrong"])) == (503, {"clock"})


NEXT_DAY = timezone.now() + timedelta(days=1)


@pytest.mark.parametrize("path", PROBES)
def test_probe_is_answered_under_any_name_and_without_https(path: str, client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["papers.example.org"], True
    answer = client.get(path, headers={"host": "10.1.2.3:8000"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert not answer.cookies


@pytest.mark.parametrize("path", PROBES)
def test_probe_takes_no_post(path: str, client: Client) -> None:
    assert client.post(path).status_code == 405
    assert client.head(path).status_code == 200


def test_metrics_can_be_had_in_the_form_that_is_asked_for(client: Client) -> None:
    answer = client.get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    families = text_string_to_metric_families(answer.content.decode())  # type: ignore[no-untyped-call]
    names = {family.name for family in families}
    assert "broadsheet_due" in names


@pytest.mark.parametrize(
    ("address", "status"),
    [("127.0.0.1", 200), ("::1", 200), ("::ffff:127.0.0.1", 200), ("10.0.0.9", 403), ("2001:db8::1", 403), ("", 403)],
)
def test_metrics_are_for_the_machine_itself(address: str, status: int, client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR=address).status_code == status


@pytest.mark.parametrize("header", ["x-forwarded-for", "x-forwarded-proto", "x-real-ip", "forwarded", "via"])
def test_metrics_are_not_for_whoever_comes_through_a_proxy_of_the_machine(header: str, client: Client) -> None:
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 403


def test_metrics_are_for_the_networks_of_the_settings(client: Client, settings: Any) -> None:
    settings.METRICS_ALLOWED = [ip_network("10.0.0.0/8")]
    statuses = [client.get("/metrics", REMOTE_ADDR=address).status_code for address in ("10.0.0.9", "127.0.0.1")]
    assert statuses == [200, 403]


@pytest.mark.parametrize(
    ("shown", "status"),
    [("Bearer a long secret", 200), ("bearer a long secret", 200), ("Bearer another", 403), ("Basic abc", 403)],
)
def test_metrics_are_for_whoever_shows_the_token(shown: str, status: int, client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "a long secret"  # noqa: S105 - invented
    answer = client.get("/metrics", REMOTE_ADDR="203.0.113.5", headers={"authorization": shown})
    assert answer.status_code == status


def test_empty_token_opens_nothing(client: Client) -> None:
    answer = client.get("/metrics", REMOTE_ADDR="203.0.113.5", headers={"authorization": "Bearer "})
    assert answer.status_code == 403
