"""What the lists of a person's own things take."""

from typing import Annotated

from pydantic import Field

from app.api.params import PageParams


class InboxParams(PageParams):
    """Parameters of the inbox."""

    unread: Annotated[
        bool | None, Field(description="only those not opened (true), or only opened ones (false)")
    ] = None
