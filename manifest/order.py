"""What a package is made for: read from the environment, every fault at once."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

GUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
LONGEST_DEVELOPER = 32
PACKAGE_NAME = "teams-integration-for-starface"


class OrderRefused(Exception):
    """The environment does not say what to build; ``faults`` holds one sentence for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class PackageOrder:
    """One installation of the service, seen by Teams. ``public_url`` is an https origin in lower case without a last slash."""

    public_url: str
    app_id: str
    package_id: str
    version: str
    developer: str
    website_url: str
    privacy_url: str
    terms_url: str

    @property
    def domain(self) -> str:
        """Host of the service, with its port when it has one."""
        return urlsplit(self.public_url).netloc


def read_order(environment: Mapping[str, str], version: str) -> PackageOrder:
    """Read ``PUBLIC_URL``, ``MICROSOFT_APP_ID`` and the optional ``MANIFEST_…`` names.

    Without ``MANIFEST_APP_ID`` the package id is derived from the bot's id, so that every build of one installation is an
    update of the same app. Raises OrderRefused.
    """
    faults: list[str] = []
    public_url = _origin(environment.get("PUBLIC_URL", ""), faults)
    app_id = _guid("MICROSOFT_APP_ID", environment.get("MICROSOFT_APP_ID", ""), faults)
    package_id = environment.get("MANIFEST_APP_ID") or (
        str(uuid.uuid5(uuid.UUID(app_id), PACKAGE_NAME)) if app_id else ""
    )
    package_id = _guid("MANIFEST_APP_ID", package_id, faults) if package_id else ""
    home = f"{public_url}/tab/"
    order = PackageOrder(
        public_url=public_url,
        app_id=app_id,
        package_id=package_id,
        version=version,
        developer=_developer(environment.get("MANIFEST_DEVELOPER") or "Bridge for STARFACE", faults),
        website_url=_page("MANIFEST_WEBSITE_URL", environment, home, faults),
        privacy_url=_page("MANIFEST_PRIVACY_URL", environment, home, faults),
        terms_url=_page("MANIFEST_TERMS_URL", environment, home, faults),
    )
    if faults:
        raise OrderRefused(faults)
    return order


def _origin(text: str, faults: list[str]) -> str:
    if not text.strip():
        faults.append("PUBLIC_URL is missing: the https origin under which Teams reaches the service")
        return ""
    url = _split(text)
    if url is None or url.scheme != "https" or not HOST.fullmatch(url.hostname or ""):
        faults.append("PUBLIC_URL is not an https origin such as https://phone.example.com: Teams loads nothing else")
        return ""
    if url.username is not None or url.path not in {"", "/"} or url.query or url.fragment:
        faults.append("PUBLIC_URL holds more than an origin: leave out user, path, query and fragment")
        return ""
    return f"https://{url.netloc.lower()}"


def _guid(name: str, text: str, faults: list[str]) -> str:
    if not text.strip():
        faults.append(f"{name} is missing: the id of the Entra app registration")
        return ""
    guid = text.strip().lower()
    if not GUID.fullmatch(guid):
        faults.append(f"{name} is not a GUID such as 00001111-aaaa-2222-bbbb-3333cccc4444")
        return ""
    return guid


def _developer(name: str, faults: list[str]) -> str:
    if len(name) > LONGEST_DEVELOPER:
        faults.append(f"MANIFEST_DEVELOPER has {len(name)} characters, at most {LONGEST_DEVELOPER} are allowed")
    return name


def _page(name: str, environment: Mapping[str, str], default: str, faults: list[str]) -> str:
    text = environment.get(name) or default
    url = _split(text)
    if text != default and (url is None or url.scheme != "https" or not url.hostname):
        faults.append(f"{name} is not an https address")
    return text


def _split(text: str) -> SplitResult | None:
    try:
        url = urlsplit(text.strip())
        url.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        return None
    return url
