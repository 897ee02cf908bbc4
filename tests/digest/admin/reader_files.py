"""How tests bring readers in from a file: choose it, see what it would do, confirm that."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

IMPORT = "/admin/accounts/reader/import/"

HEAD = "email,name,topics,time_zone,delivery_hour,days,weekday,papers,consent_text,consented_at\n"


def show(client: Client, content: str | bytes) -> dict[str, Any]:
    """Choose a file, and return what the page says that it would do."""
    body = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("readers.csv", body, content_type="text/csv")
    answer: Any = client.post(IMPORT, {"import_file": file, "format": "0", "resource": "0"})
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode()
    assert "style=" not in answer.content.decode()
    context: dict[str, Any] = answer.context_data
    return context


def fine(context: dict[str, Any]) -> list[str]:
    return [row["said"] for row in context.get("fine", [])]


def wrong(context: dict[str, Any]) -> list[tuple[int, list[str]]]:
    return [(row["number"], row["said"]) for row in context.get("wrong", [])]


def confirm(client: Client, context: dict[str, Any]) -> Any:
    sent = {name: field.initial for name, field in context["confirm_form"].fields.items()}
    return client.post("/admin/accounts/reader/process_import/", sent | context["confirm_form"].initial, follow=True)


def bring_in(client: Client, content: str) -> list[str]:
    answer = confirm(client, show(client, content))
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]
