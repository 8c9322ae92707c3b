"""Groups and function keys from outside."""

import pytest

from tests.harness import Person, World


@pytest.fixture
async def anna(one: World) -> Person:
    anna = one.person()
    assert (await anna.sign_in()).status == 201
    return anna


async def _keys(anna: Person) -> dict[str, dict[str, object]]:
    return {key["name"]: key for key in (await anna.ask("GET", "/keys")).body["keys"]}


@pytest.mark.parametrize("spelling", ["short", "long"])
async def test_logging_off_from_a_group_and_on_again(one: World, anna: Person, spelling: str) -> None:
    one.pbx.set(struct_spelling=spelling)
    (sales,) = (await anna.ask("GET", "/groups")).body["groups"]
    assert (sales["name"], sales["active"], sales["numbers"]) == ("Vertrieb", True, ["80", "+493023125580"])
    off = await anna.ask("PUT", "/groups", {"id": sales["id"], "active": False})
    assert (off.status, off.body["groups"][0]["active"]) == (200, False)
    assert "0001" not in one.pbx.pbx.accounts.group(sales["id"]).logged_on
    on = await anna.ask("PUT", "/groups", {"id": sales["id"], "active": True})
    assert on.body["groups"][0]["active"] is True
    assert (await anna.ask("PUT", "/groups", {"id": "2002", "active": True})).code == "not_found"
    for body in ({}, {"id": "2001"}, {"id": 2001, "active": True}, {"id": "", "active": True}):
        assert (await anna.ask("PUT", "/groups", body)).code == "bad_request"


async def test_keys_that_do_something(one: World, anna: Person) -> None:
    keys = await _keys(anna)
    assert {(key["kind"], key.get("active")) for key in keys.values()} == {
        ("quick_dial", None), ("do_not_disturb", False), ("module", False), ("signal_number", True), ("signal_number", False)
    }  # fmt: skip
    night = keys["Nachtschaltung"]["id"]
    pressed = await anna.ask("POST", f"/keys/{night}/press")
    assert (pressed.status, pressed.body) == (202, None)
    assert (await _keys(anna))["Nachtschaltung"]["active"] is True
    hidden = keys["Nummer unterdrücken"]["id"]
    assert (await anna.ask("POST", f"/keys/{hidden}/press")).status == 202
    assert one.pbx.users["0001"].display_number == 1
    assert (await _keys(anna))["Durchwahl zeigen"]["active"] is False


async def test_one_press_is_one_press(one: World, anna: Person) -> None:
    night = (await _keys(anna))["Nachtschaltung"]["id"]
    for _ in range(2):
        answer = await anna.ask("POST", f"/keys/{night}/press", **{"Idempotency-Key": "click"})
        assert answer.status == 202
    assert (await _keys(anna))["Nachtschaltung"]["active"] is True


async def test_a_quick_dial_places_a_call(one: World, anna: Person) -> None:
    dial = (await _keys(anna))["Nordlicht Technik"]
    assert dial["number"] == "+493023125800"
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        assert (await anna.ask("POST", f"/keys/{dial['id']}/press")).status == 202
        await stream.wait_for("call", lambda data: data["remote"]["number"] == "+493023125800")


async def test_keys_one_has_not_or_may_not_press(one: World, anna: Person) -> None:
    assert (await anna.ask("POST", "/keys/0002-night/press")).code == "not_found"
    assert (await anna.ask("POST", "/keys/0001-blf-2/press")).code == "not_found"
    one.pbx.users["0001"].rights.discard("fkey_module_key")
    refused = await anna.ask("POST", "/keys/0001-night/press")
    assert (refused.status, refused.code) == (403, "pbx_permission")
