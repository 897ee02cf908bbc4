"""Every address of an installation."""

from django.contrib import admin
from django.urls import path

from digest.web.leaving import unsubscribe
from digest.web.preferences import preferences
from digest.web.today import today

urlpatterns = [
    path("", today, name="today"),
    path("preferences/<str:token>", preferences, name="preferences"),
    path("unsubscribe/<str:token>", unsubscribe, name="unsubscribe"),
    path("admin/", admin.site.urls),
]
