"""The thread that delivers letters while a page answers: tests wait for it before they look at what has arrived."""


def wait_for_letters() -> None:
    """Return once everything that was asked for by now has been tried."""
    from digest.tasks import messenger  # noqa: PLC0415 - models come after the settings

    messenger.submit(int).result()
