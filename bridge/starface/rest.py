"""The REST interface: settings and contacts, no calls (UCI reference, sections 2.6, 12 and 15).

Its classic login needs the password, so a REST session is opened at a sign-in or not at all; where the person has an access token
of STARFACE 10, that opens it at any time.
"""

import json
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import quote

from bridge.errors import BridgeError, PbxProtocol, PbxTimeout
from bridge.model.numbers import canonical
from bridge.model.pbx import PbxAccess, PbxEntry, TokenForm
from bridge.model.telephony import Contact
from bridge.secret import Secret
from bridge.starface.errors import (
    AnswerHttpError,
    AnswerMalformed,
    AnswerRedirected,
    ConnectionCut,
    LoginHttpRefused,
    PbxStarting,
    UciRightMissing,
)
from bridge.starface.net import Answer, Form, Wire
from bridge.starface.token import rest_secret

LOGIN = "/rest/login"
_JSON = "application/json"
_VERSION = {"X-Version": "2"}
_TELLING_S = 3.0
_OWN_HEADER = "authToken"
ACTIVE_DIRECTORY = "ActiveDirectory"
INTERNAL = "Internal"


async def login_type(wire: Wire, pbx: PbxEntry) -> str:
    """Give how the PBX checks passwords, ``Internal`` or ``ActiveDirectory``; empty when no REST interface tells.

    Raises:
        PbxUnreachable, PbxAddressForbidden: the PBX was not reached at all.
    """
    try:
        answer = await wire.send(pbx, "GET", LOGIN, Form(headers=_VERSION), total=_TELLING_S)
    except (PbxProtocol, PbxTimeout, ConnectionCut):  # REST may be closed where UCI is open
        return ""
    described = _parsed(answer) if answer.status == 200 else None
    kind = described.get("loginType") if isinstance(described, dict) else None
    return kind if kind in {ACTIVE_DIRECTORY, INTERNAL} else ""


class RestSession:
    """An open REST session. Made by :meth:`log_in` or, with an access token, by :meth:`with_bearer`."""

    def __init__(self, wire: Wire, pbx: PbxEntry, header: str, credential: Secret) -> None:
        self._wire = wire
        self._pbx = pbx
        self._header = header
        self._credential = credential

    @classmethod
    def with_bearer(cls, wire: Wire, pbx: PbxEntry, access_token: Secret) -> Self:
        """Use an access token of STARFACE 10."""
        return cls(wire, pbx, "Authorization", Secret(f"Bearer {access_token.reveal()}"))

    @classmethod
    async def log_in(cls, wire: Wire, pbx: PbxEntry, login: str, password: Secret) -> Self:
        """Answer the PBX's nonce; the session lives four hours.

        Raises:
            CredentialsRejected: login or password is wrong.
            PbxProtocol: there is no REST interface.
        """
        offer = await wire.send(pbx, "GET", LOGIN, Form(headers=_VERSION))
        described = _object(offer)
        nonce, kind = described.get("nonce"), described.get("loginType")
        if not isinstance(nonce, str) or not isinstance(kind, str):
            raise AnswerMalformed("the REST login offers no nonce")
        secret = rest_secret(login, password, nonce, active_directory=kind == ACTIVE_DIRECTORY)
        body = {"loginType": kind, "nonce": nonce, "secret": secret.reveal()}
        answer = await wire.send(pbx, "POST", LOGIN, Form(json.dumps(body).encode(), _JSON, _VERSION))
        if answer.status == 400:
            raise LoginHttpRefused("the REST login was refused")
        given = _object(answer)
        token = given.get("token") or given.get("authToken")
        if not isinstance(token, str) or not token:
            raise AnswerMalformed("the REST login gave no token")
        return cls(wire, pbx, _OWN_HEADER, Secret(token))

    @classmethod
    def of(cls, wire: Wire, pbx: PbxEntry, access: PbxAccess) -> Self | None:
        """The REST session that belongs to a sign-in, or ``None`` when it has none."""
        if access.form is TokenForm.JWT:
            return cls.with_bearer(wire, pbx, access.token)
        return cls(wire, pbx, _OWN_HEADER, access.rest_token) if access.rest_token is not None else None

    @property
    def credential(self) -> Secret:
        """What opens this session again."""
        return self._credential

    async def log_out(self) -> None:
        """End a session that :meth:`log_in` opened."""
        await self._send("DELETE", LOGIN)

    async def me(self) -> dict[str, Any]:
        """The person's own ``User`` object."""
        return _object(await self._send("GET", "/rest/users/me"))

    async def phone_config(self, user: int) -> dict[str, Any]:
        """``PhoneConfig``: primary phone, shown number, call waiting, do not disturb."""
        return _object(await self._send("GET", f"/rest/users/{int(user)}/phoneconfig"))

    async def do_not_disturb(self) -> bool | None:
        """Whether the person has it on; ``None`` when the answers do not say."""
        user = (await self.me()).get("id")
        if not isinstance(user, int | str) or not str(user).isdigit():
            return None
        flag = (await self.phone_config(int(user))).get("doNotDisturb")
        return flag if isinstance(flag, bool) else None

    async def set_phone_config(self, user: int, config: Mapping[str, Any]) -> None:
        """Send a whole ``PhoneConfig`` back."""
        await self._send("PUT", f"/rest/users/{int(user)}/phoneconfig", config)

    async def contacts(self, terms: str, *, page: int = 0, size: int = 20) -> tuple[Contact, ...]:
        """Search the address book."""
        query = {"searchTerms": terms, "page": str(page), "pagesize": str(size)}
        answer = _object(await self._send("GET", "/rest/contacts", query=query))
        found, keys = answer.get("contacts"), _display_keys(answer.get("summaryBlockSchema"))
        rows = found if isinstance(found, list) else []
        return tuple(_contact(each, keys) for each in rows if isinstance(each, dict))

    async def contact(self, contact: str) -> dict[str, Any]:
        """One contact with all its blocks."""
        return _object(await self._send("GET", f"/rest/contacts/{quote(contact, safe='')}"))

    async def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> Answer:
        headers = {**_VERSION, self._header: self._credential.reveal()}
        form = Form(b"", "", headers) if body is None else Form(json.dumps(body).encode(), _JSON, headers)
        answer = await self._wire.send(self._pbx, method, path, form, query=query)
        if refusal := _refusal(answer):
            raise refusal
        return answer


def _contact(raw: Mapping[str, Any], keys: tuple[str, ...]) -> Contact:
    """The values of a row line up with the attributes of the schema; without one they are first name, surname, company."""
    values = _texts(raw.get("summaryValues"))
    told = dict(zip(keys or ("NAME", "SURNAME", "COMPANY"), values, strict=False))
    name = " ".join(part for part in (told.get("NAME", ""), told.get("SURNAME", "")) if part)
    numbers = (canonical(number) for number in _texts(raw.get("phoneNumberValues")) if number)
    company = told.get("COMPANY", "")
    shown = name or company or next((value for value in values if value), "")
    return Contact(str(raw.get("id", "")), shown, company, tuple(dict.fromkeys(numbers)))


def _display_keys(schema: object) -> tuple[str, ...]:
    attributes = schema.get("attributes") if isinstance(schema, dict) else None
    rows = attributes if isinstance(attributes, list) else []
    return tuple(str(each.get("displayKey", "")) for each in rows if isinstance(each, dict))


def _texts(raw: object) -> tuple[str, ...]:
    return tuple(each if isinstance(each, str) else "" for each in raw) if isinstance(raw, list) else ()


def _refusal(answer: Answer) -> BridgeError | None:
    match answer.status:
        case 401:
            return LoginHttpRefused("the REST interface does not regard this user as logged in")
        case 403:
            return UciRightMissing("the REST interface says that a right is missing")
        case 502 | 503 | 504:
            return PbxStarting("nothing stands behind the PBX's front end")
        case status if 300 <= status < 400:
            return AnswerRedirected("a redirect")
        case status if status >= 400:
            return AnswerHttpError(f"HTTP {status}")
    return None


def _object(answer: Answer) -> dict[str, Any]:
    """Give the JSON object of an answer. Raises the class that fits whatever else came."""
    if refusal := _refusal(answer):
        raise refusal
    parsed = _parsed(answer)
    if not isinstance(parsed, dict):
        raise AnswerMalformed("the answer is no JSON object")
    return parsed


def _parsed(answer: Answer) -> object:
    try:
        parsed: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return parsed
