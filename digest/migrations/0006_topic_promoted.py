from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("digest", "0005_roles")]

    operations = [
        migrations.AddIndex(
            model_name="topic",
            index=models.Index(condition=~models.Q(group=""), fields=["group"], name="topic_promoted"),
        ),
    ]
