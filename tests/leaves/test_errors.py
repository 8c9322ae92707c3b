"""The error tree has the contract's codes and statuses, and every code has its sentences."""

import pytest

from bridge import errors
from bridge.errors import BridgeError, EndReason, TooManyAttempts
from bridge.texts import shared
from tab.openapi import STATUS

CONTRACT = {
    "bad_request": 400, "unauthenticated": 401, "signed_out": 401, "pbx_credentials_rejected": 401, "tenant_unknown": 403,
    "not_admin": 403, "pbx_permission": 403, "not_found": 404, "busy": 409, "pbx_address_forbidden": 422,
    "too_many_attempts": 429, "pbx_unreachable": 502, "pbx_protocol": 502, "unavailable": 503, "pbx_timeout": 504,
}  # fmt: skip


def leaves() -> list[type[BridgeError]]:
    found = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, BridgeError)]
    return [value for value in found if "code" in vars(value)]


def test_every_code_of_the_contract_has_a_class_with_its_status_and_there_is_no_other() -> None:
    assert {leaf.code: leaf.status for leaf in leaves()} == CONTRACT
    assert STATUS == CONTRACT


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("code", CONTRACT)
def test_every_code_has_a_title_and_a_sentence(language: str, code: str) -> None:
    assert shared().text(language, f"error-title-{code}")
    assert shared().text(language, f"error-{code}", seconds=3)


@pytest.mark.parametrize("reason", EndReason)
def test_every_reason_has_its_sentence(reason: EndReason) -> None:
    assert shared().has(f"error-signed_out-{reason.value}")


def test_waiting_is_at_least_a_second() -> None:
    assert TooManyAttempts(0).retry_after == 1
