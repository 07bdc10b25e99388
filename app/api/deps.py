"""What routes ask for."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.api.state import Web
from app.core.clock import Clock
from app.core.config import Settings


def web_of(request: Request) -> Web:
    """Return what all requests of this process share; hot lists spare themselves dependencies."""
    web: Web = request.scope["app"].state.web
    return web


async def get_web(request: Request) -> Web:
    """Return the same as a dependency."""
    return web_of(request)


WebDep = Annotated[Web, Depends(get_web)]


async def get_clock(web: WebDep) -> Clock:
    """Return the clock; nothing else tells the time."""
    return web.clock


async def get_settings(web: WebDep) -> Settings:
    """Return the settings of this process."""
    return web.settings


async def get_db(web: WebDep) -> AsyncIterator[AsyncSession]:
    """Open the request's one transaction; it is committed before the answer leaves."""
    async with web.connections.sessions.begin() as session:
        yield session


ClockDep = Annotated[Clock, Depends(get_clock)]
SettingsDep = Annotated[Settings, Depends(get_settings)]
DbSession = Annotated[AsyncSession, Depends(get_db, scope="function")]
