"""How one installation is set up: settings, the clock (Celery), addresses and the web entry point."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
