"""The way to every PBX: the port :class:`bridge.service.ports.PbxGate`."""

import asyncio
from collections import OrderedDict
from dataclasses import replace
from typing import Final

from bridge.model.ids import PbxId, TenantId
from bridge.model.pbx import PbxAccess, PbxEntry, TokenForm
from bridge.secret import Secret
from bridge.service.ports import Callback, Check, Clock, SignedIn
from bridge.starface import oauth
from bridge.starface.check import check_pbx
from bridge.starface.client import StarfaceLine
from bridge.starface.net import Wire
from bridge.starface.sign_in import Attempt, ask_openly, look_around, rest_token, withdraw

_REMEMBERED: Final = 10_000


class StarfaceGate:
    """Reaches PBXs over one :class:`Wire`; ``client`` is who we are at the identity servers of STARFACE 10."""

    def __init__(self, wire: Wire, clock: Clock, client: oauth.OAuthClient | None = None) -> None:
        self._wire = wire
        self._clock = clock
        self._client = client or oauth.OAuthClient()
        self._last_forms: OrderedDict[tuple[TenantId, PbxId], TokenForm] = OrderedDict()

    async def sign_in(self, pbx: PbxEntry, login: str, password: Secret, callback: Callback | None) -> SignedIn:
        """See the port. A sign-in that is broken off after the PBX accepted it is logged out again."""
        told = await ask_openly(self._wire, pbx)
        attempt = Attempt(self._wire, pbx, login, password, callback, self._client, self._clock.now)
        accepted = await attempt.log_in(told, self._last_forms.get((pbx.tenant, pbx.id)))
        self._remember(pbx, accepted.access.form)
        try:
            signed_in, token = await asyncio.gather(
                look_around(accepted, pbx, subscribing=callback is not None), rest_token(attempt, told, accepted.access)
            )
            return replace(signed_in, access=replace(signed_in.access, rest_token=token))
        except BaseException:  # cancelled or broken: the PBX must not keep a session that nobody knows of
            await withdraw(accepted.dialogue)
            raise

    async def refresh(self, pbx: PbxEntry, access: PbxAccess) -> PbxAccess:
        """See the port. ``CredentialsRejected`` when the PBX no longer renews: the person has to sign in again."""
        now = self._clock.now()
        ends_soon = access.token_ends_at is not None and access.token_ends_at - now < oauth.RENEW_BEFORE
        if access.form is not TokenForm.JWT or access.refresh_token is None or not ends_soon:
            return access
        server = await oauth.discover(self._wire, pbx, self._client)
        server = server or oauth.IdentityServer(self._wire, pbx, self._client)
        grant = await server.by_refresh(access.refresh_token, now)
        return replace(access, token=grant.access_token, refresh_token=grant.refresh_token, token_ends_at=grant.ends_at)

    def line(self, pbx: PbxEntry, access: PbxAccess, callback: Callback | None) -> StarfaceLine:
        return StarfaceLine(self._wire, pbx, access, callback)

    async def admit(self, host: str, port: int) -> tuple[str, ...]:
        return await self._wire.admit(host, port)

    async def check(self, pbx: PbxEntry) -> tuple[Check, ...]:
        return await check_pbx(self._wire, pbx, self._clock.now())

    def _remember(self, pbx: PbxEntry, form: TokenForm) -> None:
        self._last_forms[pbx.tenant, pbx.id] = form
        self._last_forms.move_to_end((pbx.tenant, pbx.id))
        while len(self._last_forms) > _REMEMBERED:
            self._last_forms.popitem(last=False)
