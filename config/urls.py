"""Every address of an installation."""

from django.contrib import admin
from django.urls import include, path

from digest.web.account import erase, export, repair
from digest.web.leaving import unsubscribe
from digest.web.preferences import preferences
from digest.web.signup import confirm, sign_up
from digest.web.today import today
from digest.web.topic_preview import topic_preview
from digest.web.webhooks import tracking

# A reader's own pages, for whoever is signed in and for whoever holds the signed link of a mail.
readers_pages = [
    path("", preferences, name="preferences"),
    path("repair/", repair, name="repair"),
    path("export/", export, name="export"),
    path("erase/", erase, name="erase"),
]

urlpatterns = [
    path("", today, name="today"),
    path("sign-up", sign_up, name="sign_up"),
    path("confirm/<str:token>", confirm, name="confirm"),
    path("you/", include((readers_pages, "you"))),
    path("preferences/<str:token>/", include((readers_pages, "by_link"))),
    path("topics/preview", topic_preview, name="topic_preview"),
    path("unsubscribe/<str:token>", unsubscribe, name="unsubscribe"),
    path("webhooks/<slug:provider>/tracking/", tracking, name="webhook"),
    path("accounts/", include("accounts.urls")),
    path("admin/", admin.site.urls),
]
