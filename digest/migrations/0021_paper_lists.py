"""Indexes for lists of papers: of a month, those that were noticed, and all others, the newest first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("digest", "0020_submissions"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="paper",
            index=models.Index(
                condition=models.Q(
                    models.Q(("votes__gt", 0), ("trend__gt", 0), _connector="OR"),
                    ("hidden_at", None),
                    ("withdrawn_at", None),
                ),
                fields=["announced_on"],
                name="paper_noticed",
            ),
        ),
        migrations.AddIndex(
            model_name="paper",
            index=models.Index(
                condition=models.Q(("trend", 0), ("votes", 0), ("hidden_at", None), ("withdrawn_at", None)),
                fields=["-announced_on", "-id"],
                name="paper_unnoticed",
            ),
        ),
    ]
