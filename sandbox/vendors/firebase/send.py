"""POST /v1/projects/{project}/messages:send, as a bare ASGI callable: thousands a second."""

from __future__ import annotations

from starlette.types import Receive, Scope, Send

from sandbox.clock import real_us
from sandbox.faults.knobs import Knob
from sandbox.faults.responses import CutShort, Dropped, Late
from sandbox.stats import Stats
from sandbox.vendors.firebase.account import PROJECT
from sandbox.vendors.firebase.behaviours import HANG_S
from sandbox.vendors.firebase.judge import ROUTE, Judge, Verdict
from sandbox.vendors.firebase.messages import BODY_TOP
from sandbox.vendors.firebase.push_log import Push, PushLog
from sandbox.vendors.firebase.replies import Reply


class SendEndpoint:
    """Takes messages in: judges, logs, then answers."""

    def __init__(self, judge: Judge, log: PushLog, stats: Stats) -> None:
        """Serve the one project."""
        self._judge, self._log, self._stats = judge, log, stats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = await _read_body(receive)
        if body is None:  # the sender left in the middle of it
            return
        received_us = real_us()
        self._stats.requests[ROUTE] += 1
        verdict = self._judge.judge(scope, body, received_us)
        reply = self._note(verdict, received_us)
        if verdict.knob is None:
            await self._send(reply, send)
        else:
            self._stats.faults[verdict.knob.name] += 1
            await self._send_spoiled(verdict.knob, reply, scope, receive, send)

    def _note(self, verdict: Verdict, received_us: int) -> Reply:
        """Log a request; return the answer as it would be if nothing spoiled it."""
        number, message = self._log.newest + 1, verdict.message
        name = ""
        if verdict.is_taken:
            name = f"projects/{PROJECT}/messages/0:{received_us}%{number:08x}"
        target, address = message.target()
        title, body = message.shown()
        push = Push(
            n=number,
            received_us=received_us,
            target=target,
            address=address,
            outcome=verdict.outcome,
            answer=verdict.answer,
            name=name,
            collapse_id=message.collapse_id(),
            title=title,
            body=body,
            data=message.data or {},
            headers=message.apns_headers(),
            aps=message.aps(),
        )
        self._log.add(push)
        return verdict.reply or Reply(200, b'{"name":"%b"}' % name.encode())

    async def _send(self, reply: Reply, send: Send) -> None:
        self._stats.statuses[reply.status] += 1
        headers = reply.headers()
        start = {"type": "http.response.start", "status": reply.status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": reply.body})

    async def _send_spoiled(
        self, knob: Knob, reply: Reply, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer as a behaviour wants it."""
        kind = knob.name.removesuffix("_accepted")
        if kind == "reset":
            await Dropped()(scope, receive, send)
        elif kind == "hang":
            await Late(Dropped(), knob.pause_s(HANG_S))(scope, receive, send)
        elif kind == "slow":
            self._stats.statuses[reply.status] += 1
            await Late(reply.response(), knob.seconds)(scope, receive, send)
        elif kind == "truncate" and knob.word("mode", "body") == "closed":
            self._stats.statuses[reply.status] += 1
            await CutShort(reply.response())(scope, receive, send)
        else:
            await self._send(_varied(knob, reply), send)


def _varied(knob: Knob, reply: Reply) -> Reply:
    """Return half an answer, one without its name, or a refusal that may say when to come back."""
    if knob.name == "truncate":
        return reply.half()
    if knob.name == "no_name":
        return Reply(reply.status, b"{}")
    return reply.after(knob.number("retry_after", -1))


async def _read_body(receive: Receive) -> bytes | None:
    """Return the body of a request, cut when it is far too large; None when the sender left."""
    body = b""
    while (message := await receive())["type"] == "http.request":
        if len(body) <= BODY_TOP:
            body += message["body"]
        if not message.get("more_body"):
            return body
    return None
