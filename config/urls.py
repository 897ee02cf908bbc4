"""Every address of an installation."""

from django.contrib import admin
from django.urls import include, path, register_converter

from digest.web.about import about
from digest.web.account import erase, export, repair
from digest.web.address import address, new_address
from digest.web.archive import archive, archived, coming
from digest.web.converters import (
    DayConverter,
    DayPeriodConverter,
    KeyConverter,
    MonthConverter,
    PaperConverter,
    WeekConverter,
)
from digest.web.crawlers import robots, site_map
from digest.web.feedback import less, more, stop
from digest.web.feedback_list import feedback, undo
from digest.web.follow import follow
from digest.web.leaving import unsubscribe
from digest.web.list_feeds import period_feed, today_feed, trending_feed
from digest.web.list_pages import period_page, trending
from digest.web.paper import paper
from digest.web.preferences import pause, preferences, resume, schedule, topic, topics
from digest.web.privacy import privacy
from digest.web.private_feed import feed, private_feed
from digest.web.search import search_page
from digest.web.search_estimate import search_estimate
from digest.web.search_feed import search_feed
from digest.web.signup import confirm, sign_up
from digest.web.submit import submit_paper
from digest.web.today import today
from digest.web.topic_feed import topic_feed
from digest.web.topic_list import topic_list
from digest.web.topic_page import topic_page
from digest.web.topic_preview import topic_preview
from digest.web.vote import vote
from digest.web.webhooks import tracking

register_converter(DayConverter, "day")
register_converter(KeyConverter, "key")
register_converter(PaperConverter, "known")
register_converter(DayPeriodConverter, "date")
register_converter(WeekConverter, "week")
register_converter(MonthConverter, "month")

# A reader's own pages, for whoever is signed in and for whoever holds the signed link of a mail.
readers_pages = [
    path("", preferences, name="preferences"),
    path("address/", address, name="address"),
    path("repair/", repair, name="repair"),
    path("export/", export, name="export"),
    path("erase/", erase, name="erase"),
    path("topics/", topics, name="topics"),
    path("topics/<key:key>/", topic, name="topic"),
    path("schedule/", schedule, name="schedule"),
    path("pause/", pause, name="pause"),
    path("resume/", resume, name="resume"),
    path("feedback/", feedback, name="feedback"),
    path("feedback/<key:paper>/undo/", undo, name="undo"),
    path("feed/", feed, name="feed"),
    path("next/", coming, name="next"),
    path("archive/", archive, name="archive"),
    path("archive/<day:day>/", archived, name="archived"),
    path("more/<key:paper>/", more, name="more"),
    path("less/<key:paper>/", less, name="less"),
    path("stop/<key:topic>/", stop, name="stop"),
]

urlpatterns = [
    path("", today, name="today"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", site_map, name="site_map"),
    path("date/<date:period>", period_page, name="day"),
    path("week/<week:period>", period_page, name="week"),
    path("month/<month:period>", period_page, name="month"),
    path("trending", trending, name="trending"),
    path("sign-up", sign_up, name="sign_up"),
    path("sign-up", sign_up, name="account_signup"),  # the name by which django-allauth knows it
    path("confirm/<str:token>", confirm, name="confirm"),
    path("address/<str:token>", new_address, name="new_address"),
    path("you/", include((readers_pages, "you"))),
    path("preferences/<str:token>/", include((readers_pages, "by_link"))),
    path("topics/", topic_list, name="topic_list"),
    path("topics/preview", topic_preview, name="topic_preview"),
    path("topics/<slug:slug>", topic_page, name="topic_page"),
    path("topics/<slug:slug>/follow", follow, name="follow"),
    path("papers/<known:public_id>", paper, name="paper"),
    path("vote/<key:paper>", vote, name="vote"),
    path("today.atom", today_feed, name="today_feed"),
    path("date/<date:period>.atom", period_feed, name="day_feed"),
    path("week/<week:period>.atom", period_feed, name="week_feed"),
    path("month/<month:period>.atom", period_feed, name="month_feed"),
    path("trending.atom", trending_feed, name="trending_feed"),
    path("topics/<slug:slug>.atom", topic_feed, name="topic_feed"),
    path("search", search_page, name="search"),
    path("search.atom", search_feed, name="search_feed"),
    path("search/estimate", search_estimate, name="search_estimate"),
    path("submit", submit_paper, name="submit"),
    path("about", about, name="about"),
    path("privacy", privacy, name="privacy"),
    path("unsubscribe/<str:token>", unsubscribe, name="unsubscribe"),
    path("webhooks/<slug:provider>/tracking/", tracking, name="webhook"),
    path("feeds/<uuid:key>.atom", private_feed, name="private_feed"),
    path("api/", include("digest.web.api.app")),
    path("accounts/", include("accounts.urls")),
    path("admin/", admin.site.urls),
]
