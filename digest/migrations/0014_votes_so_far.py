"""What the new columns of papers hold for those that are there: the latest totals, and when they came."""

from django.db import migrations, models
from django.db.models.functions import Coalesce


def fill(apps, schema_editor):
    database = schema_editor.connection.alias
    papers = apps.get_model("digest", "Paper").objects.using(database)
    signals = apps.get_model("digest", "Signal").objects.using(database)

    def latest(kind):
        of_paper = signals.filter(paper=models.OuterRef("pk"), kind=kind).order_by("-observed_at")
        return Coalesce(models.Subquery(of_paper.values("value")[:1]), 0)

    papers.update(changed_at=models.F("created_at"))
    measured = papers.filter(models.Exists(signals.filter(paper=models.OuterRef("pk"))))
    measured.update(votes=latest("upvotes") + latest("votes"), comments=latest("comments"))


class Migration(migrations.Migration):
    dependencies = [
        ("digest", "0013_web"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
