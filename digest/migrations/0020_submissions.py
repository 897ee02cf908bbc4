"""Papers that readers submit: a kind of source for them, and what editors may do. And the scales of the latest trends."""

from importlib import import_module
from typing import Any

from django.db import migrations, models

KINDS = ["arxiv", "arxiv-api", "arxiv-oai", "hf-daily", "biorxiv", "crossref", "feed", "topic-page", "paper-page"]


def give_to_editors(apps: Any, schema_editor: Any) -> None:
    """Let editors answer what readers submit."""
    permission = import_module("digest.migrations.0005_roles").permission
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name="editor")
    group.permissions.add(*(permission(apps, "digest.submission", verb) for verb in ("view", "change")))


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("digest", "0017_topic_day_counted"),
    ]

    operations = [
        migrations.CreateModel(
            name="TrendScale",
            fields=[
                ("kind", models.CharField(max_length=10, primary_key=True, serialize=False)),
                ("scale", models.FloatField()),
                ("ranked_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="source",
            name="source_kind_known",
        ),
        migrations.AlterField(
            model_name="source",
            name="kind",
            field=models.CharField(
                choices=[
                    ("arxiv", "arXiv feed of a category"),
                    ("arxiv-api", "arXiv API query"),
                    ("arxiv-oai", "arXiv OAI-PMH set"),
                    ("hf-daily", "Hugging Face daily papers"),
                    ("biorxiv", "bioRxiv or medRxiv API"),
                    ("crossref", "journal at Crossref"),
                    ("feed", "RSS, Atom or RDF feed"),
                    ("topic-page", "saved topic page"),
                    ("paper-page", "page of one paper"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="source",
            constraint=models.CheckConstraint(condition=models.Q(("kind__in", KINDS)), name="source_kind_known"),
        ),
        migrations.RunPython(give_to_editors, migrations.RunPython.noop),
    ]
