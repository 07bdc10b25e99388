"""Why a token or a key set is not taken."""

from app.core.errors import AlphaError

SOURCE = "supabase"
NOT_GOOD = "The access token is not valid."
EXPIRED = "The access token has expired."


class TokenRefused(AlphaError):
    """A token is not good: `reason` is for our log, `detail` for whoever sent it."""

    def __init__(self, reason: str, *, detail: str = NOT_GOOD) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
