"""The app package: what the environment asks for, what Microsoft's schema and our own inspection say, what lies in the archive."""

import copy
import io
import json
import os
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops
from resvg_py import svg_to_bytes

from bot.extension import CALL_NUMBER, PEOPLE
from manifest.archive import write_archive
from manifest.composition import HOME, Package, compose, put, texts, translatable
from manifest.draw import draw
from manifest.inspection import inspect
from manifest.order import OrderRefused, PackageOrder, read_order

ROOT = Path(__file__).parents[2]
APP_ID = "00001111-aaaa-2222-bbbb-3333cccc4444"
ENVIRONMENT = {"PUBLIC_URL": "https://phone.example.com", "MICROSOFT_APP_ID": APP_ID}


def order(**changes: str) -> PackageOrder:
    return read_order({**ENVIRONMENT, **changes}, "1.2.3")


def package() -> Package:
    return compose(order())


def test_the_package_passes_microsofts_schema_and_our_inspection() -> None:
    assert inspect(package()) == []


def test_the_manifest_holds_what_the_environment_says() -> None:
    manifest = compose(order(PUBLIC_URL="https://Phone.Example.com:8443/", MICROSOFT_APP_ID=APP_ID.upper())).manifest
    assert manifest["staticTabs"][0]["contentUrl"] == "https://phone.example.com:8443/tab/"
    assert manifest["validDomains"] == ["phone.example.com:8443"]
    assert manifest["webApplicationInfo"]["resource"] == f"api://phone.example.com:8443/botid-{APP_ID}"
    assert manifest["bots"][0]["botId"] == manifest["webApplicationInfo"]["id"] == APP_ID
    assert manifest["version"] == "1.2.3"


def test_the_bot_is_personal_and_lists_its_commands_in_both_languages() -> None:
    filled = package()
    bot = filled.manifest["bots"][0]
    assert bot["scopes"] == ["personal"]
    assert [command["title"] for command in bot["commandLists"][0]["commands"]] == [
        "help", "sign in", "sign out", "status", "call", "calls", "hang up", "missed", "do not disturb", "am I reachable?",
    ]  # fmt: skip
    german = [
        filled.translations["de.json"][f"bots[0].commandLists[0].commands[{number}].title"] for number in range(10)
    ]
    assert german == [
        "Hilfe",
        "anmelden",
        "abmelden",
        "Status",
        "anrufen",
        "Anrufe",
        "auflegen",
        "verpasst",
        "nicht stören",
        "bin ich erreichbar?",
    ]


def test_the_message_extension_searches_people_and_calls_a_messages_number() -> None:
    filled = package()
    (extension,) = filled.manifest["composeExtensions"]
    assert extension["botId"] == APP_ID
    search, call = extension["commands"]
    assert (search["id"], search["type"], search["initialRun"]) == (PEOPLE, "query", True)
    assert [parameter["name"] for parameter in search["parameters"]] == ["searchText"]
    assert (call["id"], call["type"], call["context"], call["fetchTask"]) == (CALL_NUMBER, "action", ["message"], True)
    german = filled.translations["de.json"]
    assert german["composeExtensions[0].commands[1].title"] == "Diese Nummer anrufen"


def test_an_extension_of_another_registration_is_a_fault() -> None:
    made = package()
    made.manifest["composeExtensions"][0]["botId"] = str(uuid.uuid4())
    assert any("different app registrations" in fault for fault in inspect(made))


def test_every_language_has_every_sentence() -> None:
    needed = set(translatable(package().manifest))
    assert {"name.short", "description.full", "staticTabs[0].name"} < needed
    for language in ("en", "de"):
        sentences = texts(language)
        assert set(sentences) == needed
        assert all(sentence.strip() for sentence in sentences.values())


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_description_names_the_administrator_and_what_else_is_needed(language: str) -> None:
    description = texts(language)["description.full"]
    assert "dministrator" in description
    assert "STARFACE" in description


def test_the_package_id_is_its_own_stable_and_can_be_set() -> None:
    assert order().package_id == order(PUBLIC_URL="https://other.example.com").package_id
    assert order().package_id != order(MICROSOFT_APP_ID=str(uuid.uuid4())).package_id
    assert order().package_id != APP_ID
    own = str(uuid.uuid4())
    assert order(MANIFEST_APP_ID=own).package_id == own


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({"PUBLIC_URL": ""}, "PUBLIC_URL is missing"),
        ({"PUBLIC_URL": "http://phone.example.com"}, "PUBLIC_URL is not an https origin"),
        ({"PUBLIC_URL": "http://127.0.0.1:3978"}, "PUBLIC_URL is not an https origin"),
        ({"PUBLIC_URL": "phone.example.com"}, "PUBLIC_URL is not an https origin"),
        ({"PUBLIC_URL": "https://"}, "PUBLIC_URL is not an https origin"),
        ({"PUBLIC_URL": "https://phone.example.com:port"}, "PUBLIC_URL is not an https origin"),
        ({"PUBLIC_URL": "https://phone.example.com:70000"}, "PUBLIC_URL is not an https origin"),
        ({"PUBLIC_URL": "https://[::1"}, "PUBLIC_URL is not an https origin"),
        ({"PUBLIC_URL": "https://${version}.example.com"}, "PUBLIC_URL is not an https origin"),
        ({"PUBLIC_URL": "https://phone.example.com/app"}, "PUBLIC_URL holds more than an origin"),
        ({"PUBLIC_URL": "https://me@phone.example.com"}, "PUBLIC_URL holds more than an origin"),
        ({"PUBLIC_URL": "https://phone.example.com?a=b"}, "PUBLIC_URL holds more than an origin"),
        ({"MICROSOFT_APP_ID": " "}, "MICROSOFT_APP_ID is missing"),
        ({"MICROSOFT_APP_ID": "0000"}, "MICROSOFT_APP_ID is not a GUID"),
        ({"MICROSOFT_APP_ID": APP_ID.replace("-", "")}, "MICROSOFT_APP_ID is not a GUID"),
        ({"MANIFEST_APP_ID": "mine"}, "MANIFEST_APP_ID is not a GUID"),
        ({"MANIFEST_DEVELOPER": "x" * 33}, "MANIFEST_DEVELOPER has 33 characters"),
        ({"MANIFEST_PRIVACY_URL": "http://example.com"}, "MANIFEST_PRIVACY_URL is not an https address"),
        ({"MANIFEST_TERMS_URL": "https://"}, "MANIFEST_TERMS_URL is not an https address"),
        ({"MANIFEST_WEBSITE_URL": "www.example.com"}, "MANIFEST_WEBSITE_URL is not an https address"),
    ],
)
def test_bad_input_is_one_fault_in_plain_words(changes: dict[str, str], start: str) -> None:
    with pytest.raises(OrderRefused) as refused:
        order(**changes)
    (fault,) = refused.value.faults
    assert fault.startswith(start)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(OrderRefused) as refused:
        read_order({"MANIFEST_DEVELOPER": "x" * 40}, "1.2.3")
    assert len(refused.value.faults) == 3


Break = Callable[[Package], Any]
BREAKS: list[tuple[Break, str]] = [
    (lambda it: it.manifest.update(unknown=1), "Additional properties"),
    (lambda it: it.manifest.pop("accentColor"), "'accentColor' is a required property"),
    (lambda it: it.manifest["description"].update(short="x" * 81), "too long"),
    (lambda it: it.manifest["bots"][0].update(botId=str(uuid.UUID(int=1))), "different app registrations"),
    (lambda it: it.manifest.update(id=APP_ID), "needs one of its own"),
    (lambda it: it.manifest.update(validDomains=["other.example.com"]), "not among validDomains"),
    (lambda it: it.manifest["webApplicationInfo"].update(resource=f"api://other/botid-{APP_ID}"), "no single sign-on"),
    (
        lambda it: it.manifest["webApplicationInfo"].update(resource="api://phone.example.com"),
        "is not api://<host>/botid-",
    ),
    (lambda it: it.manifest["staticTabs"][0].update(contentUrl="http://phone.example.com/tab/"), "not loaded by https"),
    (lambda it: it.manifest["name"].update(short="STARFACE Calls"), "reserved word 'Calls'"),
    (lambda it: it.translations["de.json"].update({"name.full": "STARFACE für Teams"}), "reserved word 'Teams'"),
    (lambda it: it.translations["de.json"].pop("staticTabs[0].name"), "staticTabs[0].name is missing"),
    (
        lambda it: it.translations["de.json"].update({"staticTabs[1].name": "x"}),
        "staticTabs[1].name is not in the manifest",
    ),
    (lambda it: it.translations["de.json"].update({"name.full": " "}), "name.full is empty"),
    (lambda it: it.translations["de.json"].update({"bots[0].commandLists[0].commands[0].title": "x" * 33}), "too long"),
    (lambda it: it.translations.update({"fr.json": it.translations["de.json"]}), "lists other files"),
    (lambda it: it.icons.pop("color.png"), "color.png is not in the package"),
    (lambda it: it.icons.update({"color.png": it.icons["outline.png"]}), "not a PNG of 192 by 192"),
    (lambda it: it.icons.update({"outline.png": it.icons["color.png"]}), "not a PNG of 32 by 32"),
    (lambda it: it.icons.update({"outline.png": b"GIF89a"}), "not a PNG of 32 by 32"),
    (lambda it: it.icons.update({"outline.png": coloured("#ff0000", "none")}), "not white on a transparent ground"),
    (lambda it: it.icons.update({"outline.png": coloured("#ffffff", "#ffffff")}), "not white on a transparent ground"),
]


def coloured(line: str, ground: str) -> bytes:
    """Draw an icon of 32 pixels in these colours."""
    shapes = f'<rect width="32" height="32" fill="{ground}"/><rect width="9" height="9" fill="{line}"/>'
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32">{shapes}</svg>'
    return bytes(svg_to_bytes(svg_string=drawing))


@pytest.mark.parametrize(("breaks", "said"), BREAKS)
def test_the_inspection_finds_what_is_broken(breaks: Break, said: str) -> None:
    broken = copy.deepcopy(package())
    breaks(broken)
    assert any(said in fault for fault in inspect(broken)), inspect(broken)


def test_a_sentence_without_a_place_in_the_template_is_a_mistake() -> None:
    with pytest.raises(IndexError):
        put(package().manifest, "staticTabs[7].name", "x")


@pytest.mark.parametrize("name", ["color", "outline"])
def test_the_icons_are_what_their_drawings_say(name: str) -> None:
    drawn = Image.open(io.BytesIO(draw(HOME / "icons" / f"{name}.svg")))
    with Image.open(HOME / "icons" / f"{name}.png") as committed:
        assert drawn.size == committed.size
        differences = ImageChops.difference(drawn, committed).getextrema()
    assert all(isinstance(channel, tuple) and channel[1] <= 2 for channel in differences), "run python -m manifest.draw"


def test_the_archive_holds_the_package_and_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        write_archive(package(), tmp_path / "out" / name)
    assert (tmp_path / "out" / "one.zip").read_bytes() == (tmp_path / "out" / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "out" / "one.zip") as archive:
        assert sorted(archive.namelist()) == ["color.png", "de.json", "manifest.json", "outline.png"]
        assert json.loads(archive.read("manifest.json")) == package().manifest


def build(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the packer in ``folder`` as ``make package`` does."""
    return subprocess.run(
        [sys.executable, "-m", "manifest"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command_writes_one_archive(tmp_path: Path) -> None:
    done = build(tmp_path, **ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    (archive,) = (tmp_path / "dist").glob("*.zip")
    assert zipfile.ZipFile(archive).testzip() is None
    assert archive.name in done.stdout


def test_the_command_refuses_with_exit_2_and_a_line_for_each_fault(tmp_path: Path) -> None:
    done = build(tmp_path, PUBLIC_URL="http://phone.example.com")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 2
    assert not (tmp_path / "dist").exists()
