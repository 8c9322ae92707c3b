"""``Idempotency-Key``: the same key again within ten minutes gives the first answer and no second effect."""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from aiohttp import web

from bridge.errors import (
    BadRequest,
    BridgeError,
    PbxTimeout,
    SignInNeeded,
    TooManyAttempts,
    Unauthenticated,
    Unavailable,
)
from bridge.model.ids import UserHandle
from bridge.service.ports import Once
from tab.incoming import from_kept, kept_form
from tab.problems import language, problem

LIFE: Final = timedelta(minutes=10)
_WAIT = 12.0
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_PURPOSE = "repeat"


class Repeats:
    """Remembers answers by person, route and key; sealed like everything of a person."""

    def __init__(self, once: Once) -> None:
        self._once = once

    async def answer(
        self, request: web.Request, handle: UserHandle, effect: Callable[[], Awaitable[web.Response]]
    ) -> web.Response:
        """Give the first answer to this key, or carry out ``effect`` as the first one.

        Raises:
            BadRequest: the key is not of the described form, or was used for something else.
        """
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return await effect()
        if not _KEY.fullmatch(key):
            raise BadRequest("Idempotency-Key")
        subject = _subject(request, handle, key)
        if await self._once.claim(_PURPOSE, subject, LIFE):
            return await self._first(request, subject, effect)
        return await self._again(subject)

    async def _first(
        self, request: web.Request, subject: str, effect: Callable[[], Awaitable[web.Response]]
    ) -> web.Response:
        try:
            response = await effect()
        except BridgeError as error:
            if not _is_final(error):
                await self._once.release(_PURPOSE, subject)
                raise
            response = problem(error, language(request))
        await self._once.keep(_PURPOSE, subject, kept_form(response), LIFE)
        return response

    async def _again(self, subject: str) -> web.Response:
        """Wait for the first one to finish, if it is still at work."""
        deadline = asyncio.get_running_loop().time() + _WAIT
        while asyncio.get_running_loop().time() < deadline:
            kept = await self._once.kept(_PURPOSE, subject)
            if kept is not None:
                return from_kept(kept)
            await asyncio.sleep(0.1)
        raise Unavailable("the first of two equal requests has not ended")


def _subject(request: web.Request, handle: UserHandle, key: str) -> str:
    digest = hashlib.sha256(f"{request.method} {request.path} {key}".encode()).hexdigest()
    return f"{handle}/{digest}"


def _is_final(error: BridgeError) -> bool:
    """Tell whether the refusal is the answer to this key for good.

    After a sign-in, a wait or an outage the very same request is meant to have its effect; a time-out may have had it.
    """
    if isinstance(error, PbxTimeout):
        return True
    return not isinstance(error, SignInNeeded | TooManyAttempts | Unauthenticated) and error.status < 500
