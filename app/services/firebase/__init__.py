"""Push through Firebase Cloud Messaging (HTTP v1)."""

from app.core.clock import Clock
from app.core.config import FirebaseSettings
from app.services.firebase.client import FirebaseSender
from app.services.firebase.credentials import read_service_account


def open_firebase(settings: FirebaseSettings, clock: Clock) -> FirebaseSender | None:
    """Make the sender that settings describe; None without credentials: push is off.

    Raises:
        OperatorError: the credentials file or the base URL is wrong; one line.
    """
    if not settings.has_credentials:
        return None
    account = read_service_account(settings.firebase_credentials_path)
    return FirebaseSender(settings, account, clock)


__all__ = ["FirebaseSender", "open_firebase"]
