"""The environment is usable, or every fault of it is named."""

import base64
import os
from pathlib import Path

import pytest

from bridge.settings import SettingsRefused, read_settings

KEY = base64.b64encode(bytes(range(32))).decode()
GOOD = {
    "PUBLIC_URL": "https://phone.example.org",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "DATABASE_URL": "sqlite+aiosqlite:///directory.db",
    "SESSION_KEYS": KEY,
    "MICROSOFT_APP_ID": "11111111-2222-3333-4444-555555555555",
    "MICROSOFT_APP_TENANT_ID": "11111111-2222-3333-4444-666666666666",
    "MICROSOFT_APP_PASSWORD": "app-secret",
}


def faults(**changes: str | None) -> list[str]:
    environment = {name: value for name, value in (GOOD | changes).items() if value is not None}
    with pytest.raises(SettingsRefused) as refused:
        read_settings(environment)
    return refused.value.faults


def test_a_good_environment_with_its_defaults() -> None:
    settings = read_settings(GOOD)
    assert (settings.host, settings.port, settings.session_ttl, settings.session_idle_ttl) == (
        "0.0.0.0",
        3978,
        43200,
        14400,
    )
    assert settings.onboarding_open
    assert not settings.allow_private_pbx
    assert len(settings.admin_roles) == 3
    assert "app-secret" not in repr(settings)


def test_an_empty_environment_names_every_required_variable() -> None:
    with pytest.raises(SettingsRefused) as refused:
        read_settings({})
    named = " ".join(refused.value.faults)
    assert all(name in named for name in GOOD)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "http://phone.example.org"),
        ("PUBLIC_URL", "https://user@phone.example.org"),
        ("PUBLIC_URL", "https://phone.example.org/path"),
        ("PUBLIC_URL", "https://phone.example.org:99999"),
        ("PUBLIC_URL", "phone"),
        ("SESSION_KEYS", "short"),
        ("SESSION_KEYS", ""),
        ("SESSION_KEYS", f"{KEY},{KEY}"),
        ("SESSION_KEYS", base64.b64encode(bytes(32)).decode()),
        ("SESSION_KEYS", f"{KEY},"),
        ("MICROSOFT_APP_ID", ""),
        ("MICROSOFT_APP_ID", "not-a-guid"),
        ("MICROSOFT_APP_PASSWORD", ""),
        ("MICROSOFT_APP_CERTIFICATE", "/nowhere/certificate.pem"),
        ("REDIS_URL", "memcached://x"),
        ("DATABASE_URL", "mysql://x"),
        ("SESSION_TTL", "0"),
        ("SESSION_TTL", "-5"),
        ("SESSION_TTL", "twelve"),
        ("PORT", "70000"),
        ("ONBOARDING", "maybe"),
        ("ALLOW_PRIVATE_PBX", "yes"),
        ("ENTRA_AUTHORITY", "http://login.example.org"),
        ("GRAPH_URL", "http://graph.example.org/v1.0"),
        ("BOT_OPENID_METADATA_URL", "http://10.0.0.1/metadata"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_each_unsafe_value_is_refused_by_name(name: str, value: str) -> None:
    assert [fault for fault in faults(**{name: value}) if name in fault]


def test_all_faults_come_at_once_and_hold_no_value() -> None:
    found = faults(PUBLIC_URL="http://phone.example.org", SESSION_KEYS="secret-key-text", PORT="x")
    assert len(found) == 3
    assert "secret-key-text" not in " ".join(found)


def test_loopback_http_is_for_tests_and_the_demo() -> None:
    settings = read_settings(GOOD | {"PUBLIC_URL": "http://127.0.0.1:3978", "ENTRA_AUTHORITY": "http://127.0.0.1:9"})
    assert settings.is_loopback
    assert not read_settings(GOOD).is_loopback


def test_a_certificate_in_place_of_a_password(tmp_path: Path) -> None:
    pem = tmp_path / "certificate.pem"
    pem.write_text("x")
    environment = {**GOOD, "MICROSOFT_APP_CERTIFICATE": os.fspath(pem)}
    del environment["MICROSOFT_APP_PASSWORD"]
    assert read_settings(environment).microsoft_app_certificate == pem
