"""Why an address gets no mail, said to its owner in plain words."""

from digest.models import Suppression

WORDS = {
    Suppression.Reason.HARD_BOUNCE: "Your mail system told us that there is no mailbox with this address.",
    Suppression.Reason.SOFT_BOUNCES: "Your mailbox refused our mail several times in a row; perhaps it was full.",
    Suppression.Reason.COMPLAINT: "A digest was reported as spam from your mailbox, so we stopped at once.",
    Suppression.Reason.STAFF: "The people who run this service stopped mail to this address.",
    Suppression.Reason.ERASED: "Everything about this address was erased, as its owner asked.",
}


def why_suppressed(address: str) -> str:
    """Return one sentence on why `address` is not mailed; "" where it is."""
    reason = Suppression.objects.of(address).values_list("reason", flat=True).first()
    return WORDS[Suppression.Reason(reason)] if reason else ""
