import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("digest", "0014_votes_so_far"),
    ]

    operations = [
        migrations.AddField(
            model_name="topicday",
            name="counted_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
    ]
