"""The words of papers for the search, with the index that each database keeps in step with them by itself."""

import django.db.models.deletion
from django.db import migrations, models

import digest.models.paper_words

POSTGRESQL = (
    # Texts and marks lie apart from their rows, so that very many rows are sorted by day without reading any text.
    "ALTER TABLE digest_paperwords SET (toast_tuple_target = 128)",
    # What is new waits in a list that each search reads: it is kept short.
    "CREATE INDEX digest_paperwords_index ON digest_paperwords USING gin (marks) WITH (gin_pending_list_limit = 1024)",
)
FORGET = "INSERT INTO digest_paperwords_index (digest_paperwords_index, rowid, marks) VALUES ('delete', old.paper_id, old.marks);"
LEARN = "INSERT INTO digest_paperwords_index (rowid, marks) VALUES (new.paper_id, new.marks);"
TABLE = """
    CREATE VIRTUAL TABLE digest_paperwords_index USING fts5 (
        marks, content='digest_paperwords', content_rowid='paper_id', detail=none, columnsize=0,
        tokenize="ascii tokenchars '~+:%._-'"
    )
"""
SQLITE = (
    TABLE,
    f"CREATE TRIGGER digest_paperwords_added AFTER INSERT ON digest_paperwords BEGIN {LEARN} END",
    f"CREATE TRIGGER digest_paperwords_changed AFTER UPDATE ON digest_paperwords BEGIN {FORGET} {LEARN} END",
    f"CREATE TRIGGER digest_paperwords_removed AFTER DELETE ON digest_paperwords BEGIN {FORGET} END",
)


def make_index(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement, params=None)


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE digest_paperwords_index", params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("digest", "0021_paper_lists"),
    ]

    operations = [
        migrations.CreateModel(
            name="PaperWords",
            fields=[
                (
                    "paper",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="words",
                        serialize=False,
                        to="digest.paper",
                    ),
                ),
                ("announced_on", models.DateField(null=True)),
                ("title", models.TextField(help_text="its stems in order, with a space between them")),
                ("abstract", models.TextField()),
                ("marks", digest.models.paper_words.MarksField()),
            ],
        ),
        migrations.RunPython(make_index, drop_index),
    ]
