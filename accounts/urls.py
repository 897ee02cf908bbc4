"""Signing in and out (django-allauth), under the names that it looks for. What it offers beside that is left out."""

from allauth.account import views
from django.urls import include, path

urlpatterns = [
    path("login/", views.request_login_code, name="account_login"),
    path("login/", views.request_login_code, name="account_request_login_code"),  # allauth's other name for it
    path("login/code/", views.confirm_login_code, name="account_confirm_login_code"),
    path("login/password/", views.login, name="password_login"),
    path("login/again/", views.reauthenticate, name="account_reauthenticate"),
    path("login/again/code/", views.request_reauthentication_code, name="account_request_reauthentication_code"),
    path("login/again/code/sent/", views.confirm_reauthentication_code, name="account_confirm_reauthentication_code"),
    path("login/closed/", views.account_inactive, name="account_inactive"),
    path("logout/", views.logout, name="account_logout"),
    path("password/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("2fa/", include("allauth.mfa.urls")),
]
