"""A PaceDomain: one recipient domain of a group that `Pace` limits, and so of no other group.

It stands for the domains under it too, unless a longer name is in a group. Two mail systems are told apart by the
domain of the address alone: whose servers receive for it is not asked.
"""

from collections.abc import Collection, Iterable

from django.db import models, transaction
from django.db.models.functions import Lower

from digest.models.pace import Pace


class PaceDomainQuerySet(models.QuerySet["PaceDomain"]):
    def groups(self, domains: Iterable[str]) -> dict[str, int]:
        """Return the key of the group of each of these domains that has one, in one query."""
        names = {domain: list(_parents(domain)) for domain in domains}
        wanted = {name for parents in names.values() for name in parents}
        rows = dict(self.filter(domain__in=wanted).values_list("domain", "pace"))
        found = {domain: [rows[name] for name in parents if name in rows] for domain, parents in names.items()}
        return {domain: keys[0] for domain, keys in found.items() if keys}

    def group_of_its_own(self, domain: str) -> Pace:
        """Return the group of this one domain, made where there is none."""
        pace, _ = Pace.objects.get_or_create(name=domain)
        return self.get_or_create(domain=domain, defaults={"pace": pace})[0].pace

    def divide(self, pace: Pace, domains: Collection[str]) -> None:
        """Have a group stand for these domains and no others."""
        with transaction.atomic():
            self.filter(pace=pace).exclude(domain__in=domains).delete()
            known = set(self.filter(pace=pace).values_list("domain", flat=True))
            self.bulk_create([PaceDomain(pace=pace, domain=domain) for domain in domains if domain not in known])


class PaceDomain(models.Model):
    pace = models.ForeignKey(Pace, on_delete=models.CASCADE, related_name="domains")
    domain = models.CharField(max_length=253, unique=True, help_text="such as example.org")

    objects = PaceDomainQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(domain=Lower("domain")), name="pacedomain_lower_case"),
        ]

    def __str__(self) -> str:
        return self.domain


def _parents(domain: str) -> Iterable[str]:
    """Yield the domain and those that it is under, the longest first, and none without a dot."""
    labels = domain.split(".")
    return (".".join(labels[start:]) for start in range(len(labels) - 1))
