"""The environment, read once into one frozen object; every fault is reported, all at once."""

import base64
import binascii
import ipaddress
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from bridge.secret import Secret

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
TEAMS_ADMINISTRATOR = "69091246-20e8-4a56-aa4d-066075b2a7a8"
TEAMS_COMMUNICATIONS_ADMINISTRATOR = "baf37b3a-610e-45da-9e62-d9d1e5e8914b"

BOT_METADATA = "https://login.botframework.com/v1/.well-known/openidconfiguration"
BOT_ISSUER = "https://api.botframework.com"
BOT_HOSTS = (
    "smba.trafficmanager.net",
    "*.botframework.com",
    "smba.infra.gcc.teams.microsoft.com",
    "*.teams.microsoft.com",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the process takes from its environment; the meaning of each name stands in the operator's guide."""

    public_url: str
    host: str
    port: int
    redis_url: Secret
    database_url: Secret
    session_keys: tuple[bytes, ...]
    session_ttl: int
    session_idle_ttl: int
    microsoft_app_id: str
    microsoft_app_tenant_id: str
    microsoft_app_password: Secret | None
    microsoft_app_certificate: Path | None
    entra_authority: str
    bot_openid_metadata_url: str
    bot_token_issuer: str
    bot_service_hosts: tuple[str, ...]
    graph_url: str
    allow_private_pbx: bool
    allow_loopback_pbx: bool
    admin_roles: frozenset[str]
    onboarding_open: bool
    log_level: str
    log_format: str

    @property
    def public_host(self) -> str:
        """Host name of ``PUBLIC_URL``."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def own_endpoints(self) -> tuple[tuple[str, int], ...]:
        """Hosts and ports of the stores and of this service."""
        urls = (urlsplit(url.reveal()) for url in (self.redis_url, self.database_url))
        stores = (
            (url.hostname, url.port or (5432 if "postgresql" in url.scheme else 6379)) for url in urls if url.hostname
        )
        return (*stores, (self.public_host, self.port), ("127.0.0.1", self.port))

    @property
    def page_facts(self) -> dict[str, str]:
        """What the tab's pages may know of the installation."""
        return {"ENTRA_CLIENT": self.microsoft_app_id, "ENTRA_AUTHORITY": self.entra_authority}

    @property
    def shortest_sign_in(self) -> float:
        """Seconds that a sign-in lives when it is not used."""
        return float(min(self.session_ttl, self.session_idle_ttl))

    @property
    def is_loopback(self) -> bool:
        """Whether this is a test or demo on this machine alone."""
        return is_loopback_url(urlsplit(self.public_url))


class SettingsRefused(Exception):
    """The environment is not usable; ``faults`` holds one sentence for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def is_loopback_url(url: SplitResult) -> bool:
    """Tell whether a URL is plain http on 127.0.0.0/8, the one place where http is allowed."""
    try:
        address = ipaddress.ip_address(url.hostname or "")
    except ValueError:
        return False
    return url.scheme == "http" and address.is_loopback


class _Reader:
    """Reads one variable after the other and collects what is wrong."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.faults: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        value = self._environment.get(name, "").strip()
        if not value and default is None:
            self.faults.append(f"{name} is required")
        return value or default or ""

    def optional(self, name: str) -> str | None:
        return self._environment.get(name, "").strip() or None

    def choice(self, name: str, options: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value not in options:
            self.faults.append(f"{name} must be one of {', '.join(options)}")
        return value

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if value.isascii() and value.isdigit() and low <= int(value) <= high:
            return int(value)
        self.faults.append(f"{name} must be a whole number from {low} to {high}")
        return default

    def origin(self, name: str, default: str | None = None, *, bare: bool = False) -> str:
        value = self.text(name, default).rstrip("/")
        if not value:
            return value
        try:
            url = urlsplit(value)
            sound = bool(url.hostname) and not url.username and not url.query and not url.fragment and url.port != 0
        except ValueError:
            self.faults.append(f"{name} is not a URL")
            return value
        if not sound or (bare and url.path):
            self.faults.append(
                f"{name} must be {'an origin' if bare else 'a URL'} without user, path, query or fragment"
            )
        if url.scheme != "https" and not is_loopback_url(url):
            self.faults.append(f"{name} must be https (http only on 127.0.0.1)")
        return value

    def guid(self, name: str) -> str:
        value = self.text(name)
        if not value:
            return value
        try:
            return str(uuid.UUID(value))
        except ValueError:
            self.faults.append(f"{name} must be a GUID")
            return value

    def items(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        value = self.optional(name)
        return tuple(item.strip().lower() for item in value.split(",") if item.strip()) if value else default

    def scheme(self, name: str, allowed: tuple[str, ...]) -> Secret:
        value = self.text(name)
        if value and not value.startswith(allowed):
            self.faults.append(f"{name} must start with one of {', '.join(allowed)}")
        return Secret(value)

    def keys(self, name: str) -> tuple[bytes, ...]:
        keys: list[bytes] = []
        written = self.text(name)
        for number, item in enumerate(written.split(",") if written else (), start=1):
            try:
                key = base64.b64decode(item.strip(), validate=True)
            except (binascii.Error, ValueError):
                key = b""
            if len(key) != 32 or len(set(key)) < 8:
                self.faults.append(f"{name}: key {number} must be 32 random bytes in base64")
            elif key in keys:
                self.faults.append(f"{name}: key {number} is a repetition")
            keys.append(key)
        return tuple(keys)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the environment of production mode.

    Raises:
        SettingsRefused: with one sentence for each variable that is missing or unsafe.
    """
    read = _Reader(environment)
    password, certificate = read.optional("MICROSOFT_APP_PASSWORD"), _certificate(read)
    if password is None and certificate is None and not read.optional("MICROSOFT_APP_CERTIFICATE"):
        read.faults.append("MICROSOFT_APP_PASSWORD or MICROSOFT_APP_CERTIFICATE is required")
    settings = Settings(
        public_url=read.origin("PUBLIC_URL", bare=True),
        host=read.text("HOST", "0.0.0.0"),  # noqa: S104 - a container's port is opened by its host
        port=read.integer("PORT", 3978, 0, 65535),
        redis_url=read.scheme("REDIS_URL", ("redis://", "rediss://", "redis+cluster://", "rediss+cluster://")),
        database_url=read.scheme("DATABASE_URL", ("sqlite+aiosqlite:///", "postgresql+asyncpg://")),
        session_keys=read.keys("SESSION_KEYS"),
        session_ttl=read.integer("SESSION_TTL", 43200, 1, 31 * 86400),
        session_idle_ttl=read.integer("SESSION_IDLE_TTL", 14400, 1, 31 * 86400),
        microsoft_app_id=read.guid("MICROSOFT_APP_ID"),
        microsoft_app_tenant_id=read.guid("MICROSOFT_APP_TENANT_ID"),
        microsoft_app_password=Secret(password) if password else None,
        microsoft_app_certificate=certificate,
        entra_authority=read.origin("ENTRA_AUTHORITY", "https://login.microsoftonline.com"),
        bot_openid_metadata_url=read.origin("BOT_OPENID_METADATA_URL", BOT_METADATA),
        bot_token_issuer=read.text("BOT_TOKEN_ISSUER", BOT_ISSUER),
        bot_service_hosts=read.items("BOT_SERVICE_HOSTS", BOT_HOSTS),
        graph_url=read.origin("GRAPH_URL", "https://graph.microsoft.com/v1.0"),
        allow_private_pbx=read.choice("ALLOW_PRIVATE_PBX", ("0", "1"), "0") == "1",
        allow_loopback_pbx=read.choice("ALLOW_LOOPBACK_PBX", ("0", "1"), "0") == "1",
        admin_roles=frozenset(read.items("ADMIN_ROLES", _ADMINS)),
        onboarding_open=read.choice("ONBOARDING", ("open", "closed"), "open") == "open",
        log_level=read.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
        log_format=read.choice("LOG_FORMAT", ("json", "console"), "json"),
    )
    if read.faults:
        raise SettingsRefused(read.faults)
    return settings


_ADMINS = (GLOBAL_ADMINISTRATOR, TEAMS_ADMINISTRATOR, TEAMS_COMMUNICATIONS_ADMINISTRATOR)


def _certificate(read: _Reader, exists: Callable[[Path], bool] = Path.is_file) -> Path | None:
    name = read.optional("MICROSOFT_APP_CERTIFICATE")
    if name is None:
        return None
    path = Path(name)
    if not exists(path):
        read.faults.append("MICROSOFT_APP_CERTIFICATE does not name a readable file")
        return None
    return path
