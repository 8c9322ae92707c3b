"""GET /voicemail/<message>.wav: recordings as files, opened by what the switches say."""

import asyncio

from aiohttp import web

from infra.simulator.starface.pbx import Pbx
from infra.simulator.starface.population import Mailbox, VoicemailMessage
from infra.simulator.starface.recordings import spoken
from infra.simulator.starface.rpc import identify
from infra.simulator.starface.switches import VoicemailFile


class RecordingFiles:
    """The files of all mailboxes."""

    def __init__(self, pbx: Pbx) -> None:
        self._pbx = pbx

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/voicemail/{message_id}.wav", self._send, allow_head=False)

    async def _send(self, request: web.Request) -> web.Response:
        found = self._find(request.match_info["message_id"])
        if found is None:
            return web.Response(status=404)
        mailbox, message = found
        if not self._is_open(request, mailbox, message):
            return web.Response(status=403)
        content = await asyncio.to_thread(spoken, message.duration)
        return self._part(request, content)

    def _find(self, message_id: str) -> tuple[Mailbox, VoicemailMessage] | None:
        for mailbox in self._pbx.accounts.mailboxes.values():
            for message in mailbox.messages:
                if message.id == message_id:
                    return mailbox, message
        return None

    def _is_open(self, request: web.Request, mailbox: Mailbox, message: VoicemailMessage) -> bool:
        match self._pbx.switches.voicemail_file:
            case VoicemailFile.KEY_IN_URL:
                return self._pbx.recordings.opens(message.id, request.query.get("key", ""))
            case VoicemailFile.UCI_AUTH:
                user = identify(self._pbx, request.query).user
                return user is not None and user.login == mailbox.owner
        return False

    def _part(self, request: web.Request, content: bytes) -> web.Response:
        headers = {"Content-Type": "audio/x-wav"}
        wanted = request.http_range
        if not self._pbx.switches.voicemail_ranges or (wanted.start is None and wanted.stop is None):
            return web.Response(body=content, headers=headers)
        start, stop, _ = wanted.indices(len(content))
        if start >= len(content):
            return web.Response(status=416, headers={"Content-Range": f"bytes */{len(content)}"})
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(content)}"
        return web.Response(status=206, body=content[start:stop], headers=headers)
