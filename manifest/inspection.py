"""A package is inspected before it is written: Microsoft's own JSON schema, and what no schema can see."""

import io
import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from jsonschema import Draft4Validator
from PIL import Image, ImageChops, UnidentifiedImageError

from manifest.composition import HOME, Json, Package, translatable

RESERVED_WORDS = re.compile(
    r"\b(teams|microsoft|chats?|contacts?|calendar|calls?|files?|activity|help)\b", re.IGNORECASE
)
ICON_SIZES = {"color": 192, "outline": 32}


def inspect(package: Package) -> list[str]:
    """Give one sentence for each fault of a package; an empty list means that Teams can take it."""
    return [
        *_by_schema("MicrosoftTeams.schema.json", "manifest.json", package.manifest),
        *(
            fault
            for name, document in package.translations.items()
            for fault in _by_schema("MicrosoftTeams.Localization.schema.json", name, document)
        ),
        *_ids(package.manifest),
        *_addresses(package.manifest),
        *_names(package),
        *_languages(package),
        *_icons(package),
    ]


def _by_schema(schema: str, name: str, document: Json) -> Iterator[str]:
    rules = json.loads((HOME / "schema" / schema).read_text(encoding="utf-8"))
    for error in Draft4Validator(rules).iter_errors(document):
        yield f"{name}: {error.json_path}: {error.message}"


def _ids(manifest: dict[str, Json]) -> Iterator[str]:
    bots = {part["botId"] for kind in ("bots", "composeExtensions") for part in manifest.get(kind, [])}
    if bots != {manifest["webApplicationInfo"]["id"]}:
        yield "manifest.json: the bot and the single sign-on are of different app registrations"
    if manifest["id"] in bots:
        yield "manifest.json: the package has the id of the bot; it needs one of its own"


def _addresses(manifest: dict[str, Json]) -> Iterator[str]:
    resource = urlsplit(manifest["webApplicationInfo"]["resource"])
    if resource.scheme != "api" or resource.path != f"/botid-{manifest['webApplicationInfo']['id']}":
        yield "manifest.json: webApplicationInfo.resource is not api://<host>/botid-<app id>"
    for tab in manifest["staticTabs"]:
        address = urlsplit(tab["contentUrl"])
        if address.scheme != "https":
            yield f"manifest.json: the tab {tab['entityId']} is not loaded by https"
        if address.netloc != resource.netloc:
            yield f"manifest.json: the tab {tab['entityId']} is not on the host of webApplicationInfo.resource: no single sign-on"
        if address.netloc not in manifest["validDomains"]:
            yield f"manifest.json: the host of the tab {tab['entityId']} is not among validDomains"


def _names(package: Package) -> Iterator[str]:
    documents = {"manifest.json": package.manifest["name"]}
    for file, texts in package.translations.items():
        documents[file] = {key: texts.get(f"name.{key}", "") for key in ("short", "full")}
    for file, names in documents.items():
        for length, name in names.items():
            if found := RESERVED_WORDS.search(name):
                yield f"{file}: name.{length} holds the reserved word {found.group()!r}"


def _languages(package: Package) -> Iterator[str]:
    needed = set(translatable(package.manifest))
    listed = {entry["file"] for entry in package.manifest["localizationInfo"]["additionalLanguages"]}
    if listed != set(package.translations):
        yield "manifest.json: localizationInfo lists other files than the package has"
    for file, texts in package.translations.items():
        yield from (f"{file}: {key} is missing" for key in sorted(needed - set(texts)))
        yield from (f"{file}: {key} is not in the manifest" for key in sorted(set(texts) - needed))
        yield from (f"{file}: {key} is empty" for key, text in texts.items() if not text.strip())


def _icons(package: Package) -> Iterator[str]:
    for kind, side in ICON_SIZES.items():
        name = package.manifest["icons"].get(kind, "")
        content = package.icons.get(name)
        if content is None:
            yield f"manifest.json: the icon {name or kind} is not in the package"
            continue
        image = _picture(content)
        if image is None or image.format != "PNG" or image.size != (side, side):
            yield f"{name}: not a PNG of {side} by {side} pixels"
        elif kind == "outline" and not _is_white_on_transparent(image):
            yield f"{name}: not white on a transparent ground"


def _picture(content: bytes) -> Image.Image | None:
    try:
        return Image.open(io.BytesIO(content))
    except UnidentifiedImageError:
        return None


def _is_white_on_transparent(image: Image.Image) -> bool:
    if image.mode != "RGBA":
        return False
    white = Image.new("RGBA", image.size, "white")
    stays_white = not ImageChops.difference(Image.alpha_composite(white, image), white).getbbox(alpha_only=False)
    return stays_white and image.getchannel("A").getextrema() == (0, 255)
