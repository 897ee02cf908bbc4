"""How fast mail may go: the row for all mail, and groups of domains whose mail systems are known to count.

None of them states a limit: each is slowed down or stopped by itself when its mail system asks for it or refuses.
"""

from importlib import import_module
from typing import Any

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

GROUPS = {
    "Gmail": "gmail.com googlemail.com",
    "Outlook": (
        "outlook.com hotmail.com live.com msn.com windowslive.com outlook.fr outlook.de outlook.es outlook.it outlook.jp "
        "outlook.com.br hotmail.co.uk hotmail.fr hotmail.de hotmail.es hotmail.it live.co.uk live.fr live.nl live.de "
        "live.it live.se live.dk live.be live.ca live.com.mx live.com.au"
    ),
    "Yahoo and AOL": (
        "yahoo.com ymail.com rocketmail.com aol.com aim.com yahoo.co.uk yahoo.fr yahoo.de yahoo.it yahoo.es yahoo.ca "
        "yahoo.in yahoo.co.in yahoo.co.id yahoo.com.br yahoo.com.ar yahoo.com.mx yahoo.com.au yahoo.com.sg yahoo.com.hk "
        "yahoo.com.tw yahoo.com.ph yahoo.com.vn yahoo.gr yahoo.ro yahoo.se aol.co.uk aol.fr aol.de"
    ),
    "iCloud": "icloud.com me.com mac.com",
    "Proton": "proton.me protonmail.com protonmail.ch pm.me",
    "GMX and WEB.DE": "gmx.de gmx.net gmx.at gmx.ch gmx.com web.de",
    "T-Online": "t-online.de",
    "Orange": "orange.fr wanadoo.fr",
    "Comcast": "comcast.net",
    "QQ": "qq.com foxmail.com",
    "NetEase": "163.com 126.com yeah.net",
    "Mail.ru": "mail.ru bk.ru inbox.ru list.ru",
    "Yandex": "yandex.ru yandex.com ya.ru",
}


def fill(apps: Any, schema_editor: Any) -> None:
    pace, domain = apps.get_model("digest", "Pace"), apps.get_model("digest", "PaceDomain")
    pace.objects.get_or_create(is_all_mail=True, defaults={"name": "All mail"})
    for name, domains in GROUPS.items():
        group, _ = pace.objects.get_or_create(name=name)
        domain.objects.bulk_create([domain(pace=group, domain=one) for one in domains.split()], ignore_conflicts=True)


def give_to_roles(apps: Any, schema_editor: Any) -> None:
    """Let support see how fast mail goes, and slow it down, pause it or let it go on. Groups are for superusers."""
    permission = import_module("digest.migrations.0005_roles").permission
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name="support")
    group.permissions.add(permission(apps, "digest.pace", "view"), permission(apps, "digest.pace", "change"))
    group.permissions.add(permission(apps, "digest.pacedomain", "view"))


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("digest", "0008_tally"),
    ]

    operations = [
        migrations.CreateModel(
            name="Pace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("closed_until", models.DateTimeField(blank=True, editable=False, null=True)),
                ("backoffs", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("stopped_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("stops", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("is_trial", models.BooleanField(default=False, editable=False)),
                ("trouble", models.CharField(blank=True, editable=False, max_length=300)),
                ("trouble_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("window_began", models.DateTimeField(blank=True, editable=False, null=True)),
                ("window_mails", models.PositiveIntegerField(default=0, editable=False)),
                ("window_refused", models.PositiveIntegerField(default=0, editable=False)),
                ("stops_total", models.PositiveIntegerField(default=0, editable=False)),
                ("name", models.CharField(max_length=253, unique=True)),
                ("is_all_mail", models.BooleanField(default=False, editable=False)),
                (
                    "per_second",
                    models.FloatField(
                        blank=True,
                        help_text="at most; 0.2 is one in five seconds. Empty: no limit",
                        null=True,
                        verbose_name="mails a second",
                    ),
                ),
                (
                    "per_day",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="at most, from midnight to midnight UTC. Empty: no limit",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="mails a day",
                    ),
                ),
                (
                    "warm_up_from",
                    models.DateField(
                        blank=True,
                        help_text="for a sender that nobody knows yet: its first day",
                        null=True,
                        verbose_name="warm-up from",
                    ),
                ),
                (
                    "warm_up_first",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="mails on the first day",
                    ),
                ),
                (
                    "warm_up_growth",
                    models.FloatField(
                        blank=True,
                        help_text="times the mails of the day before, up to the limit of a day; 1.5 is half as many again",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="growth a day",
                    ),
                ),
                (
                    "is_paused",
                    models.BooleanField(
                        default=False, help_text="no digest goes until somebody takes this back", verbose_name="paused"
                    ),
                ),
                ("free_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("line_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("counted_on", models.DateField(blank=True, editable=False, null=True)),
                ("counted", models.PositiveIntegerField(default=0, editable=False)),
                ("accepted_total", models.PositiveBigIntegerField(default=0, editable=False)),
                ("failed_total", models.PositiveBigIntegerField(default=0, editable=False)),
                ("retried_total", models.PositiveBigIntegerField(default=0, editable=False)),
                ("uncertain_total", models.PositiveBigIntegerField(default=0, editable=False)),
            ],
            options={
                "verbose_name": "pace",
                "verbose_name_plural": "pace",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_all_mail", True)), fields=("is_all_mail",), name="pace_all_mail_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("per_second__isnull", True), ("per_second__gt", 0), _connector="OR"),
                        name="pace_per_second_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("per_day__isnull", True), ("per_day__gt", 0), _connector="OR"),
                        name="pace_per_day_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("warm_up_first__isnull", True),
                                ("warm_up_from__isnull", True),
                                ("warm_up_growth__isnull", True),
                            ),
                            models.Q(
                                ("warm_up_first__gt", 0),
                                ("warm_up_first__isnull", False),
                                ("warm_up_from__isnull", False),
                                ("warm_up_growth__gte", 1),
                                ("warm_up_growth__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="pace_warm_up_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("is_trial", False), ("stopped_at__isnull", True)),
                            models.Q(("closed_until__isnull", False), ("stopped_at__isnull", False), ("stops__gt", 0)),
                            _connector="OR",
                        ),
                        name="pace_stopped_is_closed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("window_refused__lte", models.F("window_mails"))),
                        name="pace_refused_of_mails",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaceDomain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("domain", models.CharField(help_text="such as example.org", max_length=253, unique=True)),
                (
                    "pace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="domains", to="digest.pace"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("domain", django.db.models.functions.text.Lower("domain"))),
                        name="pacedomain_lower_case",
                    )
                ],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(give_to_roles, migrations.RunPython.noop),
    ]
