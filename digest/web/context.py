"""What every page knows of the installation."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, str]:
    return {
        "site_name": settings.SITE_NAME,
        "curator": settings.CURATOR,
        "postal_address": settings.POSTAL_ADDRESS,
        "contact": settings.CONTACT,
    }
