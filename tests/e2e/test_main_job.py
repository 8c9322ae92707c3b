"""The main job from outside: sign in, call, be called, hang up, be asked again."""

from tests.harness import World, pick_up, until


async def test_sign_in_call_and_hang_up(one: World) -> None:
    anna = one.person()
    before = await anna.ask("GET", "/session")
    assert (before.status, before.body["state"], before.body["reason"]) == (200, "signed_out", "never")
    assert before.body["pbxs"] == [{"id": "demo", "name": "STARFACE", "primary": True}]
    assert before.body["expiresAt"] is None

    signed_in = await anna.sign_in()
    assert signed_in.status == 201, signed_in.body
    assert signed_in.body["pbx"] == {"id": "demo", "name": "STARFACE"}
    async with anna.stream() as stream:
        snapshot = await stream.wait_for("snapshot")
        assert snapshot["session"]["state"] == "signed_in"
        assert snapshot["presence"]["telephony"] == "available"

        placed = await anna.call("+49 30 23125 100")
        assert placed.status == 202, placed.body
        call = placed.body["id"]
        await stream.wait_for("call", lambda data: data["id"] == call and data["direction"] == "outbound")
        await pick_up(one.pbx, "0001")
        await stream.wait_for("call", lambda data: data["id"] == call and data["state"] == "connected")
        listed = await anna.ask("GET", "/calls")
        assert [known["state"] for known in listed.body["calls"]] == ["connected"]

        assert (await anna.ask("POST", f"/calls/{call}/hangup")).status == 202
        await stream.wait_for("call", lambda data: data["id"] == call and data["state"] == "ended")
        assert (await anna.ask("GET", "/calls")).body == {"calls": []}
        versions = [data["version"] for data in stream.of("call") if data["id"] == call]
        assert versions == sorted(set(versions))


async def test_being_called_shows_the_name_when_it_arrives(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        call = one.pbx.ring("0001", from_number="+493023125777", name="Max Müller")
        shown = await stream.wait_for("call", lambda data: data["remote"]["name"] == "Max Müller")
        assert shown["id"] == call
        assert shown["state"] == "ringing"
        assert shown["direction"] == "inbound"
        assert shown["remote"]["number"] == "+493023125777"
        assert set(shown["actions"]) == {"hangup", "forward"}
        one.pbx.hang_up("0001", call)
        await stream.wait_for("call", lambda data: data["state"] == "ended")


async def test_a_password_change_asks_once_and_keeps_the_interrupted_call(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    async with anna.stream() as stream:
        await stream.wait_for("snapshot")
        one.pbx.change_password("0001", "Neu-0001!")
        refused = await anna.call("030 23125 100")
        assert (refused.status, refused.code, refused.body["reason"]) == (401, "signed_out", "rejected")
        await stream.wait_for("session", lambda data: data["reason"] == "rejected")
        kept = await anna.ask("GET", "/interrupted")
        assert kept.body == {"action": {"kind": "call", "number": "030 23125 100"}}
        assert (await anna.sign_in(password="Neu-0001!")).status == 201
        await stream.wait_for("notice", lambda data: data["code"] == "resume_offer")
        resumed = await anna.ask("POST", "/interrupted/resume")
        assert resumed.status == 202
        assert (await anna.ask("POST", "/interrupted/resume")).code == "not_found"
        assert len(stream.of("session")) == 2


async def test_sign_out_leaves_nothing(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    await anna.call("030 23125 100")
    assert (await anna.ask("DELETE", "/session")).status == 204
    after = await anna.ask("GET", "/session")
    assert after.body["state"] == "signed_out"
    assert (await anna.ask("GET", "/calls")).code == "signed_out"
    await until(lambda: any(request.method.endswith("connection.logout") for request in one.pbx.recorder.requests))
    assert (await anna.ask("DELETE", "/session")).status == 204


async def test_signing_in_to_another_account_ends_the_first_one_at_its_pbx(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    await anna.sign_in("0002")
    logouts = [request for request in one.pbx.recorder.requests if request.method.endswith("connection.logout")]
    assert [request.login for request in logouts] == ["0001"]
    assert (await anna.call("030 23125 100")).status == 202
