"""When what the pages show has last changed, as one number: a page made at a lower number may be out of date.

Whoever stores, ranks, features, hides or votes notes it. What a page does with the number is `digest.web.fresh`'s.
"""

from django.db import models, transaction


class ChangeQuerySet(models.QuerySet["Change"]):
    def latest_number(self) -> int:
        return self.values_list("number", flat=True).first() or 0

    def note(self) -> None:
        """Count up once this transaction is committed: apart from it, so that no two of them wait for one another."""
        transaction.on_commit(self._count_up, robust=True)

    def _count_up(self) -> None:
        if not self.update(number=models.F("number") + 1):
            self.bulk_create([Change(pk=1, number=1)], ignore_conflicts=True)


class Change(models.Model):
    """The only row of its table."""

    number = models.PositiveBigIntegerField(default=0)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="change_one_row")]

    def __str__(self) -> str:
        return str(self.number)
