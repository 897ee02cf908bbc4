"""The admin as a whole: who gets in, by which door. What there is to see is registered with it by `digest.admin`.

It stands apart from that package, which cannot be loaded before the site is there. Signing in is django-allauth's;
where the installation asks for it, staff need a second factor in the same session.
"""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

# What staff look for most comes first; what other people's apps call themselves is said in plain words.
FIRST = ("accounts", "digest")
NAMES = {"auth": "Roles", "mfa": "Second factors"}


class StaffSite(admin.AdminSite):
    site_header = settings.SITE_NAME
    site_title = settings.SITE_NAME
    index_title = "How things are"
    index_template = "admin/digest/front.html"

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not lacks_second_factor(request)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["name"] = NAMES.get(app["app_label"], app["name"])
        return sorted(apps, key=lambda app: FIRST.index(app["app_label"]) if app["app_label"] in FIRST else len(FIRST))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead whoever knocks to where they can prove who they are, and on to the page that they wanted."""
        wanted = _wanted(request)
        if not request.user.is_authenticated:
            return redirect_to_login(wanted)
        if not super().has_permission(request):
            raise PermissionDenied
        if not lacks_second_factor(request):
            return HttpResponseRedirect(wanted)
        if is_mfa_enabled(request.user):
            return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': wanted})}")
        context = self.each_context(request) | {"title": "A second factor is needed", "has_permission": False}
        return TemplateResponse(request, "admin/digest/second_factor.html", context, status=403)


def lacks_second_factor(request: HttpRequest) -> bool:
    """Tell whether a second factor is asked for that this session has not shown: a code, a passkey, a recovery code."""
    if not settings.STAFF_SECOND_FACTOR:
        return False
    return not any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def _wanted(request: HttpRequest) -> str:
    wanted = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("admin:index")
