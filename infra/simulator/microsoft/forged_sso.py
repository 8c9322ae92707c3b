"""Single sign-on tokens of every bad kind (Teams platform notes, section 4.3). Each must be answered with 401."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from infra.simulator.microsoft.keys import Claims, SigningKey, base64url
from infra.simulator.microsoft.population import User
from infra.simulator.microsoft.tokens import GRAPH_AUDIENCE, EntraMint

FOREIGN_TENANT = "deadbeef-0000-4000-8000-000000000bad"
FOREIGN_APP = "deadbeef-0000-4000-8000-00000000a990"


def forge_sso_tokens(mint: EntraMint, user: User, stranger: SigningKey, channel_token: str) -> dict[str, str]:
    """All kinds by name. `stranger` is a key that nobody publishes, `channel_token` a genuine token of another issuer."""
    return {
        **bad_signatures(mint.sso_claims(user), mint.keys.current, stranger),
        **bad_headers(mint.sso_claims(user), mint.keys.current, stranger),
        **bad_times(mint, user),
        **bad_audiences_and_issuers(mint, user),
        **bad_grants(mint, user),
        **missing_claims(mint, user),
        **bad_shapes(mint.sso_token(user)),
        "channel_token": channel_token,
        "graph_token": mint.delegated_token(user, GRAPH_AUDIENCE, "User.Read"),
    }


def unsigned(header: Claims, claims: Claims) -> str:
    """The first two parts of a compact token."""
    return ".".join(base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))


def hmac_token(header: Claims, claims: Claims, secret: bytes) -> str:
    """A token that is signed with HMAC-SHA256, whatever the header says."""
    text = unsigned(header, claims)
    return f"{text}.{base64url(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def bad_signatures(claims: Claims, key: SigningKey, stranger: SigningKey) -> dict[str, str]:
    """Wrong algorithm, wrong key, broken signature. `claims` are good ones."""
    typed = {"typ": "JWT", "kid": key.kid}
    genuine = key.sign(claims)
    head, body, signature = genuine.split(".")
    richer = base64url(json.dumps({**claims, "oid": FOREIGN_APP}).encode())
    return {
        "alg_none": unsigned({**typed, "alg": "none"}, claims) + ".",
        "alg_none_mixed_case": unsigned({**typed, "alg": "nOnE"}, claims) + ".",
        "alg_missing": unsigned(typed, claims) + "." + signature,
        "hs256_with_public_key": hmac_token({**typed, "alg": "HS256"}, claims, key.public_pem()),
        "hs256_with_public_key_called_rs256": hmac_token({**typed, "alg": "RS256"}, claims, key.public_pem()),
        "rs384": key.sign(claims, algorithm="RS384"),
        "ps256": key.sign(claims, algorithm="PS256"),
        "other_key_same_kid": stranger.sign(claims, kid=key.kid),
        "tampered_claims": f"{head}.{richer}.{signature}",
        "truncated_signature": genuine[:-20],
        "empty_signature": f"{head}.{body}.",
        "zero_signature": f"{head}.{body}.{base64url(bytes(256))}",
    }


def bad_headers(claims: Claims, key: SigningKey, stranger: SigningKey) -> dict[str, str]:
    """Unknown or missing key id, and headers that offer a key of the attacker's own."""
    attacker = stranger.published()
    genuine = key.sign(claims)
    anonymous = unsigned({"typ": "JWT", "alg": "RS256"}, claims)
    return {
        "unknown_kid": stranger.sign(claims),
        "missing_kid": anonymous + "." + genuine.rpartition(".")[2],
        "kid_path": stranger.sign(claims, kid="../../../../dev/null"),
        "embedded_jwk": stranger.sign(claims, jwk=attacker),
        "embedded_jwk_same_kid": stranger.sign(claims, kid=key.kid, jwk={**attacker, "kid": key.kid}),
        "jku": stranger.sign(claims, jku="https://attacker.example/keys"),
        "x5u": stranger.sign(claims, x5u="https://attacker.example/certificate"),
        "x5c": stranger.sign(claims, x5c=[base64.b64encode(stranger.public_pem()).decode()]),
        "unknown_critical_header": stranger.sign(claims, kid=key.kid, crit=["demand"], demand=True),
    }


def bad_times(mint: EntraMint, user: User) -> dict[str, str]:
    """Expired, not yet valid, or with times that are no times."""
    now = int(mint.clock.now())
    kinds: dict[str, dict[str, Any]] = {
        "expired": {"iat": now - 7200, "nbf": now - 7200, "exp": now - 3600},
        "expired_beyond_leeway": {"iat": now - 4000, "nbf": now - 4000, "exp": now - 301},
        "not_yet_valid": {"nbf": now + 3600, "exp": now + 7200},
        "exp_is_text": {"exp": "tomorrow"},
        "exp_is_list": {"exp": [now + 3600]},
        "nbf_is_text": {"nbf": "yesterday"},
    }
    return {name: mint.keys.current.sign({**mint.sso_claims(user), **claims}) for name, claims in kinds.items()}


def bad_audiences_and_issuers(mint: EntraMint, user: User) -> dict[str, str]:
    """Meant for somebody else, or said by somebody else; all with a genuine signature."""
    tenant = user.tenant.id
    kinds: dict[str, dict[str, Any]] = {
        "wrong_aud": {"aud": FOREIGN_APP},
        "aud_list": {"aud": [mint.app_id, FOREIGN_APP]},
        "aud_prefix": {"aud": mint.app_id + "0"},
        "wrong_iss": {"iss": f"https://attacker.example/{tenant}/v2.0"},
        "iss_of_other_tenant": {"iss": mint.issuer(FOREIGN_TENANT)},
        "tid_of_other_tenant": {"tid": FOREIGN_TENANT},
        "iss_list": {"iss": [mint.issuer(tenant)]},
        "iss_without_version": {"iss": f"{mint.base}/{tenant}"},
        "iss_trailing_slash": {"iss": mint.issuer(tenant) + "/"},
        "iss_with_user_info": {"iss": mint.issuer(tenant).replace("://", "://login@")},
        "iss_common": {"iss": mint.issuer("common")},
        "v1_token": {
            "iss": f"https://sts.windows.net/{tenant}/",
            "aud": f"api://127.0.0.1/{mint.app_id}",
            "ver": "1.0",
        },
        "v1_issuer_only": {"iss": f"https://sts.windows.net/{tenant}/"},
    }
    return {name: mint.sso_token(user, **claims) for name, claims in kinds.items()}


def bad_grants(mint: EntraMint, user: User) -> dict[str, str]:
    """Genuine tokens of this app that do not say "Teams asks for this person"."""
    kinds: dict[str, dict[str, Any]] = {
        "no_scp": {"scp": None},
        "wrong_scp": {"scp": "User.Read"},
        "scp_prefix": {"scp": "access_as_user_admin"},
        "scp_list": {"scp": ["access_as_user"]},
        "app_only": {"scp": None, "roles": ["access_as_user"], "idtyp": "app"},
        "id_token": {"scp": None, "azp": None, "nonce": "n-0S6_WzA2Mj"},
        "unknown_azp": {"azp": FOREIGN_APP},
        "no_azp": {"azp": None},
        "tid_is_no_guid": {"tid": "common"},
        "tid_is_number": {"tid": 42},
        "oid_is_empty": {"oid": ""},
        "oid_is_list": {"oid": [user.id]},
    }
    return {name: mint.sso_token(user, **claims) for name, claims in kinds.items()}


def missing_claims(mint: EntraMint, user: User) -> dict[str, str]:
    """Each required claim left out in turn."""
    return {
        f"missing_{claim}": mint.sso_token(user, **{claim: None})
        for claim in ("exp", "iat", "iss", "aud", "tid", "oid")
    }


def bad_shapes(genuine: str) -> dict[str, str]:
    """What is no signed token at all."""
    head, body, signature = genuine.split(".")
    return {
        "garbage": "not-a-token",
        "two_segments": f"{head}.{body}",
        "five_segments": f"{head}.{body}.{signature}.{body}.{signature}",
        "header_is_list": f"{base64url(b'[]')}.{body}.{signature}",
        "header_is_no_json": f"{base64url(b'{')}.{body}.{signature}",
        "claims_are_list": f"{head}.{base64url(b'[1,2]')}.{signature}",
        "not_base64": f"{head}.%%%.{signature}",
        "nul_inside": f"{head}.{body[:10]}\x00{body[10:]}.{signature}".replace("\x00", "%00"),
        "very_long": f"{head}.{'A' * 6000}.{signature}",
    }
