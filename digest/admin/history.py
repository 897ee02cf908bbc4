"""Rows that only the service itself writes: staff read them, nobody edits them."""

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """Mix into an admin whose rows are history."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
