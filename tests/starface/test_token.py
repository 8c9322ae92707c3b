"""Token formulas against every worked example of the UCI reference, sections 2.4 and 2.6."""

import base64
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.model.pbx import TokenForm
from bridge.secret import Secret
from bridge.starface.token import rest_secret, static_form, uci_token, version_numbers

PUBLISHED = (
    "123:81d8af78c98b153485f7d48e3437eb735ba37f0f013c5e06ba74536776c5945694e7cde71e2effbed7b5a1d1a4566fadcd847ef4098c"
    "234052fdfd288e8b6ced"
)
OWN = (
    "0001:a9805112dba82d9346f52215c056c87988ce49673ce751400bf0ffa06f0e2bf0e908d18114e78c65556ad3877f2fe3c649961b690ff2"
    "d464e9f22b185bd0aa7d"
)
UMLAUT = (
    "0002:c6cfa2f9bdb5d611688b8a4813263d9b9a916ece688d888b0f0069e7778dd7ef0df4ecaf60aa33f73e94c5c794564f4a16449f74a24f"
    "24f1fa3d94b3f1c70549"
)
REST = (
    "0001:f66f2d1993d35880b4d4b49c11cb3c1f7a2237a35fae2aef5c4f613a5739f338915b799236ad3aea571e026cfb6e53f58823a0e2edd2"
    "29532256f380530defba"
)
REST_DIRECTORY = "MDAwMXBkczI0aG1pcDFjdGJvZ24xbDh1anZzNXU0U2VjcmV0LTIwMjQ="
NONCE = "pds24hmip1ctbogn1l8ujvs5u4"


@pytest.mark.parametrize(
    ("form", "login", "password", "token"),
    [
        (TokenForm.SHA512, "123", "Pass123", PUBLISHED),
        (TokenForm.SHA512, "0001", "Secret-2024", OWN),
        (TokenForm.MD5, "0001", "Secret-2024", "61289ba0c48a51d7c4df23025ec175ca"),
        (TokenForm.ACTIVE_DIRECTORY, "0001", "Secret-2024", "MDAwMSpTZWNyZXQtMjAyNA=="),
        (TokenForm.SHA512, "0002", "Prüfung-ä1", UMLAUT),
    ],
)
def test_the_worked_examples_come_out(form: TokenForm, login: str, password: str, token: str) -> None:
    assert uci_token(form, login, Secret(password)).reveal() == token


def test_the_inner_hashes_of_the_worked_examples_are_as_published() -> None:
    assert hashlib.sha512(b"Pass123").hexdigest().startswith("d01feaafb5359e1fa2c020a76ebb526fc75786b0b837")
    assert hashlib.sha512("Prüfung-ä1".encode()).hexdigest().startswith("dc23d02dd464d56290a5b0f09cf82b0136b49a8e")


def test_a_jwt_has_no_formula() -> None:
    with pytest.raises(ValueError, match="issued"):
        uci_token(TokenForm.JWT, "0001", Secret("x"))


@pytest.mark.parametrize(("directory", "secret"), [(False, REST), (True, REST_DIRECTORY)])
def test_the_rest_secrets_come_out(directory: bool, secret: str) -> None:
    assert rest_secret("0001", Secret("Secret-2024"), NONCE, active_directory=directory).reveal() == secret


@settings(deadline=None)
@given(st.text(max_size=20), st.text(max_size=40))
def test_a_sha512_token_always_has_128_lower_case_digits(login: str, password: str) -> None:
    """A digest with leading zeros must keep them."""
    token = uci_token(TokenForm.SHA512, login.replace("\ud800", ""), Secret(password)).reveal()
    digits = token[len(login) + 1 :]
    assert len(digits) == 128
    assert set(digits) <= set("0123456789abcdef")


@settings(deadline=None)
@given(st.text(max_size=20), st.text(max_size=40))
def test_the_directory_form_holds_login_and_password(login: str, password: str) -> None:
    token = uci_token(TokenForm.ACTIVE_DIRECTORY, login, Secret(password)).reveal()
    assert base64.b64decode(token).decode() == f"{login}*{password}"


@pytest.mark.parametrize(
    ("version", "form"),
    [
        ("6.4.2.12", TokenForm.MD5),
        ("6.4.2.18", TokenForm.MD5),
        ("5.8", TokenForm.MD5),
        ("6.4.2.19", TokenForm.SHA512),
        ("6.4.3", TokenForm.SHA512),
        ("6.7.0.22", TokenForm.SHA512),
        ("10.0.0.4", TokenForm.SHA512),
        ("", TokenForm.SHA512),
        ("unknown", TokenForm.SHA512),
    ],
)
def test_the_version_chooses_the_form(version: str, form: TokenForm) -> None:
    assert static_form(version) is form


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("8.1.2.2", (8, 1, 2, 2)), (" 10.0 ", (10, 0)), ("7.x.1", (7,)), ("v8", ()), ("", ()), ("9" * 400, ())],
)
def test_versions_are_read_as_far_as_they_go(version: str, numbers: tuple[int, ...]) -> None:
    assert version_numbers(version) == numbers
