"""The limits that hosts state, and the host of each source that is there already."""

from urllib.parse import urlsplit

from django.db import migrations

# arXiv's terms: one request every three seconds and one connection at a time, over all machines of an installation.
GAPS = {"*": 1.0, "arxiv.org": 3.0}


def fill(apps, schema_editor):
    host = apps.get_model("digest", "Host")
    host.objects.bulk_create(
        [host(name=name, gap_seconds=seconds) for name, seconds in GAPS.items()], ignore_conflicts=True
    )
    for source in apps.get_model("digest", "Source").objects.filter(url__startswith="http"):
        source.host = host_of(source.url)
        if source.kind == "hf-daily" and source.is_active:
            source.signals_due_at = source.next_check_at
        source.healthy_since = source.last_success_at
        source.save(update_fields=["host", "signals_due_at", "healthy_since"])


def host_of(url):
    try:
        return (urlsplit(url).hostname or "").rstrip(".").encode("idna").decode()[:253]
    except ValueError:
        return ""


class Migration(migrations.Migration):
    dependencies = [("digest", "0002_ingest_state")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
