"""What Firebase Cloud Messaging and Google's token endpoint answer: the fields we read.

Source: FCM HTTP v1 reference (`projects.messages.send`, `FcmError`), google.rpc.Status,
RFC 6749 section 5.1; read 2026-11-22.
"""

from pydantic import BaseModel, ConfigDict, Field


class _Wire(BaseModel):
    """Nothing is coerced, unknown fields are ignored."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class FcmAccepted(_Wire):
    """Body of a 200: `name` is `projects/{project}/messages/{id}`."""

    name: str = Field(min_length=1, max_length=500)


class FcmDetail(_Wire):
    """One entry of `details`; of many types, an `FcmError` among them has an `errorCode`."""

    type: str = Field(default="", alias="@type")
    error_code: str = Field(default="", alias="errorCode")


class FcmStatus(_Wire):
    """What went wrong: `status` is Google's word for it (`NOT_FOUND`), `message` is English."""

    status: str = ""
    message: str = ""
    details: list[FcmDetail] = []

    @property
    def fcm_code(self) -> str:
        """FCM's own word for it (`UNREGISTERED`); empty when FCM did not say it."""
        words = (each.error_code for each in self.details if each.type.endswith(".FcmError"))
        return next(words, "")


class FcmRefused(_Wire):
    """Body of an answer that is not 2xx."""

    error: FcmStatus


class GoogleToken(_Wire):
    """Body of the token endpoint's 200; `expires_in` counts seconds."""

    access_token: str = Field(min_length=1, max_length=8192, pattern=r"^[!-~]+$", repr=False)
    expires_in: int = Field(gt=0, le=86_400)
