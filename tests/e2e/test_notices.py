"""The choices of notices through the interface, as the settings page and the chat see them."""

import pytest

from tests.harness import World


async def test_choices_are_read_and_changed_in_parts(one: World) -> None:
    anna = one.person()
    first = await anna.ask("GET", "/notices")
    on = {"incoming": True, "missed": True, "voicemail": True, "signIn": True, "presence": True}
    assert (first.status, first.body) == (200, {**on, "quiet": None, "digest": None})
    quiet = {"since": "18:00", "until": "07:30"}
    changed = await anna.ask("PUT", "/notices", {"incoming": False, "quiet": quiet, "digest": "17:00"})
    assert (changed.status, changed.body) == (200, {**on, "incoming": False, "quiet": quiet, "digest": "17:00"})
    ended = await anna.ask("PUT", "/notices", {"quiet": None, "signIn": False})
    assert ended.body == {**on, "incoming": False, "signIn": False, "quiet": None, "digest": "17:00"}
    assert (await anna.ask("GET", "/notices")).body == ended.body


@pytest.mark.parametrize(
    "body", [{"colour": True}, {"missed": "yes"}, {"quiet": {"since": "18:00"}}, {"digest": "25:00"},
             {"quiet": {"since": "18:00", "until": "18:00"}}],
)  # fmt: skip
async def test_what_cannot_be_chosen_is_refused_and_changes_nothing(one: World, body: dict[str, object]) -> None:
    anna = one.person()
    refused = await anna.ask("PUT", "/notices", {"incoming": False} | body)
    assert (refused.status, refused.code) == (400, "bad_request")
    assert (await anna.ask("GET", "/notices")).body["incoming"] is True


async def test_a_sign_out_forgets_the_choices(one: World) -> None:
    anna = one.person()
    await anna.sign_in()
    await anna.ask("PUT", "/notices", {"missed": False})
    await anna.ask("DELETE", "/session")
    assert (await anna.ask("GET", "/notices")).body["missed"] is True
