"""Every page of the admin opens, and no list asks one question per row."""

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.digest.admin.make import ADDABLE, DELETABLE, EVERY_KIND, MAKE, path
from tests.make import (
    make_reader,
)

pytestmark = pytest.mark.django_db


def test_every_noun_of_ours_that_staff_see_is_tested_here() -> None:
    ours = {model for model in admin.site._registry if model._meta.app_label in ("accounts", "digest")}
    assert set(MAKE) == ours


def test_front_page_opens(admin_client: Client) -> None:
    assert admin_client.get("/admin/").status_code == 200


@EVERY_KIND
def test_list_opens_without_rows(admin_client: Client, model: type[models.Model]) -> None:
    assert admin_client.get(path(model, "changelist")).status_code == 200


@EVERY_KIND
def test_list_asks_as_many_questions_for_three_rows_as_for_one(
    admin_client: Client, model: type[models.Model], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    MAKE[model](1)
    with django_assert_max_num_queries(14) as one:
        assert admin_client.get(path(model, "changelist")).status_code == 200
    MAKE[model](2)
    MAKE[model](3)
    with django_assert_max_num_queries(len(one)):
        assert admin_client.get(path(model, "changelist")).status_code == 200


@EVERY_KIND
def test_change_page_opens(admin_client: Client, model: type[models.Model]) -> None:
    row = MAKE[model](1)
    assert admin_client.get(path(model, "change", row.pk)).status_code == 200


@EVERY_KIND
def test_history_page_opens(admin_client: Client, model: type[models.Model]) -> None:
    row = MAKE[model](1)
    assert admin_client.get(path(model, "history", row.pk)).status_code == 200


@EVERY_KIND
def test_search_of_lists_that_have_one_opens(admin_client: Client, model: type[models.Model]) -> None:
    MAKE[model](1)
    answer = admin_client.get(path(model, "changelist"), {"q": "word"})
    assert answer.status_code == 200


@EVERY_KIND
def test_add_page_opens_for_what_staff_may_add(admin_client: Client, model: type[models.Model]) -> None:
    expected = 200 if model in ADDABLE else 403
    assert admin_client.get(path(model, "add")).status_code == expected


@EVERY_KIND
def test_delete_page_opens_for_what_staff_may_delete(admin_client: Client, model: type[models.Model]) -> None:
    row = MAKE[model](1)
    expected = 200 if model in DELETABLE else 403
    assert admin_client.get(path(model, "delete", row.pk)).status_code == expected


@EVERY_KIND
def test_list_is_closed_to_readers_who_are_not_staff(client: Client, model: type[models.Model]) -> None:
    client.force_login(make_reader())
    answer = client.get(path(model, "changelist"))
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/admin/login/")
