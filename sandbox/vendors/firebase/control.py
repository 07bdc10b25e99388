"""The sandbox's own routes for Firebase: its key, its log, how addresses behave."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.vendors.firebase.account import ServiceAccount
from sandbox.vendors.firebase.devices import Devices
from sandbox.vendors.firebase.push_log import PushLog

_ROWS_TOP = 10_000


def _problem(detail: str) -> Response:
    return JSONResponse({"detail": detail}, 400)


class FirebaseControl:
    """Handlers that look at the gateway's side; none of them is counted or made to fail."""

    def __init__(self, account: ServiceAccount, devices: Devices, log: PushLog) -> None:
        """Control one vendor."""
        self._account, self._devices, self._log = account, devices, log

    def routes(self) -> list[BaseRoute]:
        """Return the routes."""
        return [
            Route("/_keys/firebase", self.read_key),
            Route("/_pushes", self.read_pushes, methods=["GET"]),
            Route("/_pushes", self.clear_pushes, methods=["DELETE"]),
            Route("/_pushes/counts", self.read_counts),
            Route("/_devices", self.read_devices, methods=["GET"]),
            Route("/_devices", self.put_devices, methods=["PUT"]),
            Route("/_devices", self.forget_devices, methods=["DELETE"]),
            Route("/_devices/{address:path}", self.put_device, methods=["PUT"]),
            Route("/_devices/{address:path}", self.forget_device, methods=["DELETE"]),
        ]

    async def read_key(self, request: Request) -> Response:
        """GET /_keys/firebase: the service account's key file for this address of the sandbox."""
        base = f"{request.url.scheme}://{request.url.netloc}"
        return JSONResponse(self._account.describe(base))

    async def read_pushes(self, request: Request) -> Response:
        """GET /_pushes?after=N&limit=1000&address=A, oldest first."""
        query = request.query_params
        after, limit = query.get("after", "0"), query.get("limit", "1000")
        if not (after.isdecimal() and limit.isdecimal() and 0 < int(limit) <= _ROWS_TOP):
            return _problem(f"after must be a number, limit 1 to {_ROWS_TOP}")
        rows = self._log.after(int(after), int(limit), query.get("address"))
        body = b'{"newest":%d,"pushes":[%b]}' % (self._log.newest, b",".join(rows))
        return Response(body, media_type="application/json")

    async def clear_pushes(self, request: Request) -> Response:
        """DELETE /_pushes."""
        self._log.clear()
        return await self.read_counts(request)

    async def read_counts(self, request: Request) -> Response:
        """GET /_pushes/counts."""
        return JSONResponse(self._log.counts())

    async def read_devices(self, request: Request) -> Response:
        """GET /_devices."""
        return JSONResponse(self._devices.describe())

    async def put_devices(self, request: Request) -> Response:
        """PUT /_devices {"<address>": "unregistered", ...}: the others stay as they are."""
        try:
            wishes = orjson.loads(await request.body())
            if not isinstance(wishes, dict):
                return _problem('expected {"<address>": "<behaviour>"}')
            self._devices.put(wishes)
        except ValueError as error:
            return _problem(str(error))
        return await self.read_devices(request)

    async def put_device(self, request: Request) -> Response:
        """PUT /_devices/{address} {"behaviour": "unregistered", "count": 1}."""
        address = request.path_params["address"]
        try:
            wish = orjson.loads(await request.body())
            self._devices.put({address: wish})
        except ValueError as error:
            return _problem(str(error))
        return JSONResponse(self._devices.describe().get(address, {"behaviour": "accepted"}))

    async def forget_devices(self, request: Request) -> Response:
        """DELETE /_devices."""
        self._devices.forget()
        return await self.read_devices(request)

    async def forget_device(self, request: Request) -> Response:
        """DELETE /_devices/{address}."""
        self._devices.forget(request.path_params["address"])
        return await self.read_devices(request)
