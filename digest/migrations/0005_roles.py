"""Two groups for staff: editors look after papers, topics and sources, support looks after readers and their digests.

Permissions are otherwise made after all migrations; those that the groups need are made here, under the same names.
A group that is here already keeps what it has, and gets what it lacks.
"""

from typing import Any

from django.db import migrations

VIEW, EDIT, ALL = ("view",), ("view", "change"), ("view", "add", "change", "delete")

ROLES: dict[str, dict[str, tuple[str, ...]]] = {
    "editor": {
        "digest.paper": ALL,
        "digest.topic": ALL,
        "digest.match": VIEW,
        "digest.sighting": VIEW,
        "digest.signal": VIEW,
        "digest.paperidentifier": VIEW,
        "digest.source": ALL,
        "digest.fetch": VIEW,
        "digest.gap": ("view", "delete"),
        "digest.host": ALL,
        "digest.edition": VIEW,
    },
    "support": {
        "accounts.reader": (*ALL, "import", "export"),
        "digest.subscription": ALL,
        "digest.topic": VIEW,
        "digest.paper": VIEW,
        "digest.edition": VIEW,
        "digest.digest": EDIT,  # its rows are history; to change one is to have it sent again
        "digest.suppression": ALL,
        "digest.signup": EDIT,  # likewise: to have the confirmation sent again
        "digest.letter": VIEW,
        "digest.mailevent": VIEW,
        "digest.feedback": VIEW,
    },
}
NAMES = {
    "paperidentifier": "paper identifier",
    "mailevent": "mail event",
    "pacedomain": "pace domain",
    "signup": "sign-up",
    "import": "Can import readers from a file",
    "export": "Can export readers",
}


def make_roles(apps: Any, schema_editor: Any) -> None:
    for role, nouns in ROLES.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
        for noun, verbs in nouns.items():
            group.permissions.add(*(permission(apps, noun, verb) for verb in verbs))


def permission(apps: Any, noun: str, verb: str) -> Any:
    app, model = noun.split(".")
    kind, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label=app, model=model)
    row, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=kind,
        codename=f"{verb}_{model}",
        defaults={"name": NAMES.get(verb, f"Can {verb} {NAMES.get(model, model)}")},
    )
    return row


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_staff_and_permissions"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("digest", "0004_people"),
    ]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
