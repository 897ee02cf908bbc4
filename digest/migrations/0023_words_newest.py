"""The order by day of the words of papers, so that the latest of very many are found by going through them.

Written as SQL, because SQLite has no word for where the papers without a day stand: they are last there anyway.
"""

from django.db import migrations

NAME = "digest_paperwords_newest"


def make_index(apps, schema_editor):
    last = " NULLS LAST" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"CREATE INDEX {NAME} ON digest_paperwords (announced_on DESC{last}, paper_id DESC)")


def drop_index(apps, schema_editor):
    schema_editor.execute(f"DROP INDEX {NAME}")


class Migration(migrations.Migration):
    dependencies = [
        ("digest", "0022_paper_words"),
    ]

    operations = [
        migrations.RunPython(make_index, drop_index),
    ]
