"""The REST interface as far as clients of a single user need it (UCI reference, sections 2.6, 12 and 15)."""

import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import ceil

from aiohttp import web

from infra.simulator.starface.authentication import rest_secret
from infra.simulator.starface.config import FIRST_OAUTH
from infra.simulator.starface.numbers import format_number
from infra.simulator.starface.pbx import Pbx
from infra.simulator.starface.population import Contact, User
from infra.simulator.starface.redirects import RedirectError, change_redirect
from infra.simulator.starface.rest_models import (
    contact_details,
    contact_row,
    contact_schema,
    phone_config,
    phone_row,
    redirect_row,
    user_row,
)
from infra.simulator.starface.switches import NumberFormat

NOT_LOGGED_IN = {"code": "d937bb0c-ab0f-464a-a02a-41840746a45a", "message": "Not logged in"}
NO_HEADER = {"code": "46dca6f5-ed1a-44c9-920d-b0e57ea17ef5", "message": "No auth token"}
TOKEN_LIFETIME = 4 * 3600.0
MOST_NONCES = 1_000
MOST_TOKENS = 20_000
LARGEST_PAGE = 500

UserHandler = Callable[[web.Request, User], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class _Login:
    login: str
    expires: float


class RestInterface:
    """Nonce login, own user, phone configuration, redirects and the address book."""

    def __init__(self, pbx: Pbx) -> None:
        self._pbx = pbx
        self._nonces: OrderedDict[str, None] = OrderedDict()
        self._tokens: OrderedDict[str, _Login] = OrderedDict()
        pbx.restart_listeners.append(self._forget_logins)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/rest/login", self._offer_nonce, allow_head=False)
        router.add_post("/rest/login", self._log_in)
        router.add_delete("/rest/login", self._log_out)
        for method, path, handler in (
            ("GET", "/rest/server/version", self._version),
            ("GET", "/rest/users/me", self._me),
            ("GET", "/rest/users/{user_id}/avatar", self._avatar),
            ("GET", "/rest/users/{user_id}/phoneconfig", self._phone_config),
            ("PUT", "/rest/users/{user_id}/phoneconfig", self._set_phone_config),
            ("GET", "/rest/users/{user_id}/phoneconfig/phones", self._phones),
            ("GET", "/rest/redirects", self._redirects),
            ("PUT", "/rest/redirects/{redirect_id}", self._set_redirect),
            ("GET", "/rest/contacts", self._contacts),
            ("GET", "/rest/contacts/scheme", self._contact_scheme),
            ("GET", "/rest/contacts/{contact_id}", self._contact),
        ):
            router.add_route(method, path, self._guarded(handler))

    def _forget_logins(self) -> None:
        self._nonces.clear()
        self._tokens.clear()

    def _guarded(self, handler: UserHandler) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            if not {"authToken", "Authorization"} & set(request.headers):
                return web.json_response(NO_HEADER, status=400)
            user = self._user(request)
            return await handler(request, user) if user else web.json_response(NOT_LOGGED_IN, status=401)

        return handle

    def _user(self, request: web.Request) -> User | None:
        bearer = request.headers.get("Authorization", "")
        if bearer.startswith("Bearer ") and self._pbx.config.version_numbers >= FIRST_OAUTH:
            return self._pbx.accounts.users.get(self._pbx.tokens.login_of(bearer.removeprefix("Bearer ")) or "")
        known = self._tokens.get(request.headers.get("authToken", ""))
        if known is None or known.expires <= self._pbx.clock.now():
            return None
        return self._pbx.accounts.users.get(known.login)

    async def _offer_nonce(self, _request: web.Request) -> web.Response:
        nonce = secrets.token_hex(13)
        self._nonces[nonce] = None
        while len(self._nonces) > MOST_NONCES:
            self._nonces.popitem(last=False)
        mode = self._pbx.config.directory_mode.value
        return web.json_response({"loginType": mode, "nonce": nonce, "secret": None})

    async def _log_in(self, request: web.Request) -> web.Response:
        body = await _object(request)
        nonce, secret = str(body.get("nonce")), str(body.get("secret"))
        if nonce not in self._nonces:
            return _error(400, "The nonce is unknown")
        del self._nonces[nonce]
        mode = self._pbx.config.directory_mode
        for user in self._pbx.accounts.users.values():
            if secrets.compare_digest(secret.encode(), rest_secret(user.login, user.password, nonce, mode).encode()):
                return web.json_response({"token": self._issue(user.login)})
        return _error(400, "Login failed")

    def _issue(self, login: str) -> str:
        token = secrets.token_hex(20)
        self._tokens[token] = _Login(login, self._pbx.clock.now() + TOKEN_LIFETIME)
        while len(self._tokens) > MOST_TOKENS:
            self._tokens.popitem(last=False)
        return token

    async def _log_out(self, request: web.Request) -> web.Response:
        self._tokens.pop(request.headers.get("authToken", ""), None)
        return web.Response(status=204)

    async def _version(self, _request: web.Request, _user: User) -> web.Response:
        return web.json_response({"version": self._pbx.config.version})

    async def _me(self, _request: web.Request, user: User) -> web.Response:
        return web.json_response(user_row(user))

    async def _avatar(self, request: web.Request, user: User) -> web.Response:
        if (refusal := _foreign(request, user)) is not None:
            return refusal
        return web.Response(body=user.avatar, content_type="image/png") if user.avatar else web.Response(status=204)

    async def _phone_config(self, request: web.Request, user: User) -> web.Response:
        return _foreign(request, user) or web.json_response(phone_config(user))

    async def _set_phone_config(self, request: web.Request, user: User) -> web.Response:
        if (refusal := _foreign(request, user)) is not None:
            return refusal
        body = await _object(request)
        phone = next((each for each in user.phones if each.rest_id == body.get("primaryPhoneId")), None)
        flags = [body.get("callWaiting"), body.get("doNotDisturb")]
        if phone is None or not all(isinstance(each, bool) for each in flags):
            return _error(400, "The phone configuration is incomplete")
        user.primary_phone, user.call_waiting = phone.id, bool(flags[0])
        self._pbx.set_dnd(user.login, enabled=bool(flags[1]))
        return web.Response(status=204)

    async def _phones(self, request: web.Request, user: User) -> web.Response:
        return _foreign(request, user) or web.json_response([phone_row(each, user) for each in user.phones])

    async def _redirects(self, _request: web.Request, user: User) -> web.Response:
        form = self._pbx.switches.number_format
        return web.json_response([redirect_row(each, form) for each in user.redirects])

    async def _set_redirect(self, request: web.Request, user: User) -> web.Response:
        body = await _object(request)
        trigger, destination = body.get("redirectTrigger"), body.get("redirectDestination")
        if not isinstance(trigger, dict) or not isinstance(destination, dict):
            return _error(400, "The redirection is incomplete")
        to_mailbox = destination.get("redirectDestinationType") == "MAILBOX"
        try:
            change_redirect(
                self._pbx,
                user,
                request.match_info["redirect_id"],
                enabled=body.get("enabled") is True,
                timeout=int(trigger.get("timeout") or 20),
                destination_type="VOICEMAIL" if to_mailbox else "PHONENUMBER",
                destination=str(destination.get("mailboxId" if to_mailbox else "phoneNumber", "")),
            )
        except (RedirectError, ValueError) as error:
            return _error(400, str(error))
        return web.Response(status=204)

    async def _contacts(self, request: web.Request, user: User) -> web.Response:
        if "addressbook" not in user.rights:
            return _error(403, f"User {user.account_id} lacks the permission addressbook")
        page, size = _number(request, "page", 0), min(_number(request, "pagesize", 20), LARGEST_PAGE)
        found = self._search(request.query.get("searchTerms", ""), request.query.get("tags", ""))
        by_surname = request.query.get("sortdirection") != "DESC"
        found.sort(key=lambda each: (each.last_name, each.first_name, each.id), reverse=not by_surname)
        form = self._pbx.switches.number_format
        rows = [contact_row(each, form) for each in found[page * size : (page + 1) * size]]
        metadata = {
            "page": page,
            "pagesize": size,
            "totalPages": ceil(len(found) / size) if size else 0,
            "sort": "SURNAME",
            "sortdirection": "ASC" if by_surname else "DESC",
        }
        return web.json_response({"contacts": rows, "metadata": metadata, **contact_schema()})

    def _search(self, terms: str, tags: str) -> list[Contact]:
        words = terms.casefold().split()
        wanted_tags = {each for each in tags.split(",") if each}
        return [
            each
            for each in self._pbx.accounts.contacts
            if all(word in _searchable(each) for word in words) and (not wanted_tags or each.tag in wanted_tags)
        ]

    async def _contact_scheme(self, _request: web.Request, _user: User) -> web.Response:
        return web.json_response(contact_schema())

    async def _contact(self, request: web.Request, _user: User) -> web.Response:
        wanted = request.match_info["contact_id"]
        for each in self._pbx.accounts.contacts:
            if each.id == wanted:
                return web.json_response(contact_details(each, self._pbx.switches.number_format))
        return _error(404, f"There is no contact {wanted}")


def _searchable(contact: Contact) -> str:
    numbers = [number for each in contact.numbers for number in (each, format_number(each, NumberFormat.DOUBLE_ZERO))]
    return " ".join([contact.first_name, contact.last_name, contact.company, contact.email, *numbers]).casefold()


def _foreign(request: web.Request, user: User) -> web.Response | None:
    """Users see their own settings only."""
    if request.match_info["user_id"] in {"me", str(user.account_id)}:
        return None
    return _error(403, f"User {user.account_id} lacks the permission to see other users")


def _number(request: web.Request, name: str, otherwise: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isdecimal() else otherwise


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"code": "0d1c6e43-3bb4-4a34-9f5e-8b2f4f6a2f11", "message": message}, status=status)


async def _object(request: web.Request) -> dict[str, object]:
    """The JSON object of a request; anything else counts as an empty one."""
    try:
        body = await request.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
