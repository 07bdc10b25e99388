"""What the gateway can do with a push: one table for knobs, for single addresses, for the log."""

from __future__ import annotations

from sandbox.vendors.firebase.replies import (
    Reply,
    apns_error,
    error_info,
    fcm_error,
    google_error,
    html_page,
    violation,
)

_NONE: frozenset[str] = frozenset()
_RETRY, _SECONDS = frozenset({"retry_after"}), frozenset({"seconds"})

ACCEPTED, VALIDATED = "accepted", "validated"
UNAUTHENTICATED, PERMISSION_DENIED = "unauthenticated", "permission_denied"
INVALID_ARGUMENT = "invalid_argument"

# behaviour -> options it takes besides rate, count and route
PUSH_FAULTS: dict[str, frozenset[str]] = {
    "reset": _NONE,
    "hang": _SECONDS,
    "bad_gateway": _NONE,
    "html": _NONE,
    UNAUTHENTICATED: _NONE,
    "quota_exceeded": _RETRY,
    "internal": _NONE,
    "unavailable": _RETRY,
    INVALID_ARGUMENT: _NONE,
    "invalid_registration": _NONE,
    "unregistered": _NONE,
    "sender_id_mismatch": _NONE,
    "third_party_auth_error": _NONE,
    "apns_auth_error": _NONE,
    "reset_accepted": _NONE,
    "hang_accepted": _SECONDS,
    "truncate": frozenset({"mode"}),
    "no_name": _NONE,
    "slow": _SECONDS,
}
OAUTH_FAULTS: dict[str, frozenset[str]] = {
    "oauth_reset": _NONE,
    "oauth_hang": _SECONDS,
    "oauth_500": _NONE,
    "oauth_unavailable": _RETRY,
    "oauth_html": _NONE,
    "oauth_truncate": _NONE,
    "oauth_invalid_grant": _NONE,
    "oauth_life": _SECONDS,
}
FIREBASE_FAULTS = {**PUSH_FAULTS, **OAUTH_FAULTS}

# what the sender gets to hear: nothing, or a 200 that does not tell
LOST = frozenset({"reset", "hang", "reset_accepted", "hang_accepted"})
BROKEN = frozenset({"html", "truncate", "no_name"})
# taken by the gateway, whatever the sender gets to hear
TAKEN = frozenset({"reset_accepted", "hang_accepted", "truncate", "no_name", "slow"})
HANG_S = 3_600.0  # of a hang whose length nobody chose

_CREDENTIALS = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie "
    "or other valid authentication credential."
)
_WRONG_ARGUMENT = "Request contains an invalid argument."
_APNS_AUTH = "Auth error from APNS or Web Push Service"
_PROVIDER = apns_error(403, "InvalidProviderToken")

# the answer of each behaviour that takes nothing and answers
REPLIES: dict[str, Reply] = {
    "bad_gateway": html_page(502, "Error 502 (Server Error)!!1"),
    "html": html_page(200, "Sign in to the network"),
    UNAUTHENTICATED: google_error(
        401,
        "UNAUTHENTICATED",
        _CREDENTIALS,
        error_info("ACCESS_TOKEN_EXPIRED", service="fcm.googleapis.com"),
    ),
    PERMISSION_DENIED: google_error(
        403,
        "PERMISSION_DENIED",
        "Permission 'cloudmessaging.messages.create' denied on resource (or it may not exist).",
        error_info("IAM_PERMISSION_DENIED", permission="cloudmessaging.messages.create"),
    ),
    "quota_exceeded": google_error(
        429, "RESOURCE_EXHAUSTED", "Quota exceeded.", fcm_error("QUOTA_EXCEEDED")
    ),
    "internal": google_error(500, "INTERNAL", "Internal error encountered.", fcm_error("INTERNAL")),
    "unavailable": google_error(
        503, "UNAVAILABLE", "The service is currently unavailable.", fcm_error("UNAVAILABLE")
    ),
    INVALID_ARGUMENT: google_error(
        400, "INVALID_ARGUMENT", _WRONG_ARGUMENT, violation("message", _WRONG_ARGUMENT)
    ),
    "invalid_registration": google_error(
        400,
        "INVALID_ARGUMENT",
        "The registration token is not a valid FCM registration token",
        fcm_error("INVALID_ARGUMENT"),
    ),
    "unregistered": google_error(
        404, "NOT_FOUND", "Requested entity was not found.", fcm_error("UNREGISTERED")
    ),
    "sender_id_mismatch": google_error(
        403, "PERMISSION_DENIED", "SenderId mismatch", fcm_error("SENDER_ID_MISMATCH")
    ),
    "third_party_auth_error": google_error(
        401, "UNAUTHENTICATED", _APNS_AUTH, fcm_error("THIRD_PARTY_AUTH_ERROR"), _PROVIDER
    ),
    "apns_auth_error": google_error(
        401, "UNAUTHENTICATED", _APNS_AUTH, fcm_error("APNS_AUTH_ERROR"), _PROVIDER
    ),
}
