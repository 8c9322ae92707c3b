"""Requests to the bot endpoint of every bad kind (Teams platform notes, section 2.1).

None may reach the bot's handler, none may cause an outgoing request to a host that the request names, and the answer is one
of the listed refusals, never 500.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infra.simulator.microsoft.conversations import Activity
from infra.simulator.microsoft.forged_sso import FOREIGN_APP, FOREIGN_TENANT, bad_headers, bad_shapes, bad_signatures
from infra.simulator.microsoft.keys import SigningKey
from infra.simulator.microsoft.tokens import ChannelMint, EntraMint

JSON_TYPE = "application/json; charset=utf-8"
DENIED = frozenset({401, 403})
NO_ACTIVITY = frozenset({400, 401, 403, 413, 415})
EMULATOR_TENANT = "d6d49420-f39b-4df7-a1dc-d59a935871db"


@dataclass(frozen=True, slots=True)
class ForgedRequest:
    """One POST to the bot endpoint that must be refused with one of the `acceptable` statuses."""

    name: str
    headers: dict[str, str]
    body: bytes
    acceptable: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Forge:
    """What all kinds start from: a good activity, a good mint, and keys that are not published."""

    mint: ChannelMint
    activity: Activity
    stranger: SigningKey
    entra: EntraMint

    def request(
        self,
        name: str,
        *,
        token: str | None = None,
        activity: Activity | None = None,
        acceptable: frozenset[int] = DENIED,
        **claims: Any,
    ) -> ForgedRequest:
        sent = self.activity if activity is None else activity
        signed = token if token is not None else self.mint.token(self.activity["serviceUrl"], **claims)
        body = json.dumps(sent, ensure_ascii=False).encode()
        return ForgedRequest(name, bearer(signed), body, acceptable)

    def changed(self, **fields: Any) -> Activity:
        """The good activity with fields replaced; None removes one."""
        activity = copy.deepcopy(self.activity)
        activity.update(fields)
        return {name: value for name, value in activity.items() if value is not None}


def bearer(token: str) -> dict[str, str]:
    """The headers of a post with this token."""
    return {"Authorization": f"Bearer {token}", "Content-Type": JSON_TYPE}


def forge_channel_requests(
    mint: ChannelMint, activity: Activity, stranger: SigningKey, entra: EntraMint
) -> list[ForgedRequest]:
    """All kinds. `activity` is a genuine message, `stranger` a key that nobody publishes."""
    forge = _Forge(mint, activity, stranger, entra)
    return [
        *_authorization(forge),
        *_tokens(forge),
        *_claims(forge),
        *_service_urls(forge),
        *_tenants(forge),
        *_bodies(forge),
    ]


def _authorization(forge: _Forge) -> Iterator[ForgedRequest]:
    body = json.dumps(forge.activity).encode()
    good = forge.mint.token(forge.activity["serviceUrl"])
    for name, value in {
        "basic_scheme": "Basic Ym90OnBhc3N3b3Jk",
        "bearer_without_token": "Bearer ",
        "token_without_scheme": good,
        "two_tokens": f"Bearer {good} {good}",
        "oversized_token": "Bearer " + "A" * 65_536,
    }.items():
        acceptable = DENIED | {400, 413, 431} if name == "oversized_token" else DENIED
        yield ForgedRequest(name, {"Authorization": value, "Content-Type": JSON_TYPE}, body, acceptable)
    yield ForgedRequest("no_authorization", {"Content-Type": JSON_TYPE}, body, DENIED)


def _tokens(forge: _Forge) -> Iterator[ForgedRequest]:
    claims, key = forge.mint.claims(forge.activity["serviceUrl"]), forge.mint.keys.current
    kinds = {
        **bad_signatures(claims, key, forge.stranger),
        **bad_headers(claims, key, forge.stranger),
        **bad_shapes(key.sign(claims)),
        "signed_by_entra": forge.entra.keys.current.sign(claims),
    }
    for name, token in kinds.items():
        yield forge.request(name, token=token)


def _claims(forge: _Forge) -> Iterator[ForgedRequest]:
    now = int(forge.mint.clock.now())
    issuer, app_id = forge.mint.issuer, forge.mint.app_id
    kinds: dict[str, dict[str, Any]] = {
        "missing_exp": {"exp": None},
        "expired_by_301_s": {"nbf": now - 4000, "exp": now - 301},
        "expired_long_ago": {"nbf": now - 90_000, "exp": now - 86_400},
        "nbf_ahead": {"nbf": now + 3600, "exp": now + 7200},
        "exp_is_text": {"exp": "never"},
        "wrong_iss": {"iss": "https://attacker.example"},
        "iss_trailing_slash": {"iss": f"{issuer}/"},
        "iss_list": {"iss": [issuer]},
        "missing_iss": {"iss": None},
        "emulator_issuer_v1": {"iss": f"https://sts.windows.net/{EMULATOR_TENANT}/", "appid": app_id, "ver": "1.0"},
        "emulator_issuer_v2": {
            "iss": f"https://login.microsoftonline.com/{EMULATOR_TENANT}/v2.0",
            "azp": app_id,
            "ver": "2.0",
        },
        "wrong_aud": {"aud": FOREIGN_APP},
        "aud_list": {"aud": [app_id, FOREIGN_APP]},
        "aud_is_empty": {"aud": ""},
        "missing_aud": {"aud": None},
    }
    for name, claims in kinds.items():
        yield forge.request(name, **claims)


def _service_urls(forge: _Forge) -> Iterator[ForgedRequest]:
    genuine = str(forge.activity["serviceUrl"])
    scheme, _, rest = genuine.partition("://")
    host, _, path = rest.partition("/")
    others = {
        "other_host": f"{scheme}://attacker.example/{path}",
        "other_port": f"{scheme}://{host.rpartition(':')[0]}:9/{path}",
        "no_trailing_slash": genuine.rstrip("/"),
        "user_info": f"{scheme}://smba.trafficmanager.net@{rest}",
        "other_path": f"{genuine}../",
    }
    for name, url in others.items():
        yield forge.request(f"service_url_{name}", activity=forge.changed(serviceUrl=url))
    # genuinely signed for a host to which the bot's token must never go
    foreign = others["other_host"]
    yield forge.request(
        "service_url_signed_for_foreign_host", activity=forge.changed(serviceUrl=foreign), serviceurl=foreign
    )
    userinfo = f"{scheme}://{host}@attacker.example/{path}"
    yield forge.request(
        "service_url_signed_user_info", activity=forge.changed(serviceUrl=userinfo), serviceurl=userinfo
    )
    yield forge.request("missing_serviceurl_claim", serviceurl=None)
    yield forge.request("missing_service_url", activity=forge.changed(serviceUrl=None), acceptable=DENIED | {400})
    yield forge.request("service_url_is_list", activity=forge.changed(serviceUrl=[genuine]), acceptable=DENIED | {400})


def _tenants(forge: _Forge) -> Iterator[ForgedRequest]:
    foreign = {"tenant": {"id": FOREIGN_TENANT}}
    conversation = {**forge.activity["conversation"], "tenantId": FOREIGN_TENANT}
    anonymous = {name: value for name, value in conversation.items() if name != "tenantId"}
    kinds = {
        "no_channel_id": forge.changed(channelId=None),
        "unendorsed_channel": forge.changed(channelId="webchat"),
        "foreign_tenant": forge.changed(channelData=foreign, conversation=conversation),
        "tenants_disagree": forge.changed(channelData=foreign),
        "conversation_of_foreign_tenant": forge.changed(conversation=conversation),
        "no_tenant": forge.changed(channelData={}, conversation=anonymous),
        "tenant_is_list": forge.changed(channelData={"tenant": [FOREIGN_TENANT]}, conversation=anonymous),
        "channel_data_is_text": forge.changed(channelData="tenant", conversation=anonymous),
        "no_sender": forge.changed(**{"from": None}),
        "no_conversation": forge.changed(conversation=None),
        "no_type": forge.changed(type=None),
    }
    for name, activity in kinds.items():
        yield forge.request(name, activity=activity, acceptable=DENIED | {400})


def _bodies(forge: _Forge) -> Iterator[ForgedRequest]:
    headers = bearer(forge.mint.token(forge.activity["serviceUrl"]))
    good = json.dumps(forge.activity).encode()
    depth = 20_000
    bodies = {
        "empty_body": b"",
        "json_list": b"[" + good + b"]",
        "json_text": b'"message"',
        "json_null": b"null",
        "broken_json": good[:-5],
        "not_utf8": good.replace(b'"help"', b'"\xff\xfe"'),
        "deep_json": b'{"type":"message","value":' + b"[" * depth + b"]" * depth + b"}",
        "one_mebibyte": json.dumps({**forge.activity, "text": "A" * (1 << 20)}).encode(),
    }
    for name, body in bodies.items():
        yield ForgedRequest(name, headers, body, NO_ACTIVITY)
    for name, kind in {
        "wrong_content_type": "text/plain",
        "form_content_type": "application/x-www-form-urlencoded",
    }.items():
        yield ForgedRequest(name, {**headers, "Content-Type": kind}, good, NO_ACTIVITY)
    bare = {"Authorization": headers["Authorization"]}
    yield ForgedRequest("no_content_type", bare, good, NO_ACTIVITY)
