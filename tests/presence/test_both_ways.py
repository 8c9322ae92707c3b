"""Presence both ways through the whole product: real sockets, both simulators, two processes."""

from infra.simulator.microsoft.population import ANNA, JONAS, User
from infra.simulator.starface import StarfaceSimulator
from tests.harness import World, pick_up, until


def shown(world: World, user: User = ANNA) -> tuple[str, str]:
    """What colleagues see in Teams."""
    return world.microsoft.graph.presence(user).current()


def dnd(pbx: StarfaceSimulator, login: str = "0001") -> bool:
    return pbx.users[login].dnd


def in_teams(world: World, availability: str, activity: str | None = None, user: User = ANNA) -> None:
    """What the person's own Teams client says."""
    world.microsoft.graph.set_teams_presence(user, availability, activity or availability)


async def signed_in(world: World, user: User = ANNA, login: str = "0001") -> None:
    in_teams(world, "Available", user=user)
    assert (await world.person(user).sign_in(login)).status == 201


async def test_a_call_at_the_pbx_shows_in_teams_and_goes_again(two: World) -> None:
    await signed_in(two)
    two.pbx.ring("0001", from_number="+49 30 23125 801")
    await pick_up(two.pbx, "0001")
    await until(lambda: shown(two) == ("Busy", "InACall"))
    two.pbx.hang_up("0001")
    await until(lambda: shown(two) == ("Available", "Available"))
    said = [asked.body for asked in two.microsoft.graph.requests if asked.operation == "set"]
    assert {body["activity"] for body in said if body} == {"InACall"}
    assert {body["expirationDuration"] for body in said if body} == {"PT10M"}


async def test_a_call_in_teams_switches_do_not_disturb_on_and_off(two: World) -> None:
    await signed_in(two)
    in_teams(two, "Busy", "InACall")
    await until(lambda: dnd(two.pbx))
    in_teams(two, "Available")
    await until(lambda: not dnd(two.pbx))


async def test_what_a_person_set_at_the_phone_stays(one: World) -> None:
    await signed_in(one)
    one.pbx.pbx.set_dnd("0001", enabled=True)
    in_teams(one, "Busy", "InACall")
    looked = len(one.microsoft.graph.requests)
    await until(lambda: len(one.microsoft.graph.requests) > looked + 3)
    in_teams(one, "Available")
    looked = len(one.microsoft.graph.requests)
    await until(lambda: len(one.microsoft.graph.requests) > looked + 4)
    assert dnd(one.pbx)


async def test_our_own_session_never_comes_back_as_do_not_disturb(two: World) -> None:
    await signed_in(two)
    two.pbx.ring("0001", from_number="+49 30 23125 801")
    await pick_up(two.pbx, "0001")
    await until(lambda: shown(two) == ("Busy", "InACall"))
    polls = len([asked for asked in two.microsoft.graph.requests if asked.operation == "list"])
    await until(lambda: len([a for a in two.microsoft.graph.requests if a.operation == "list"]) > polls + 4)
    assert not dnd(two.pbx)
    switched = [request for request in two.pbx.requests if "setDoNotDisturb" in request.method]
    assert switched == []


async def test_a_sign_out_takes_everything_back_and_leaves_nothing(one: World, redis: object) -> None:
    await signed_in(one)
    in_teams(one, "Busy", "InAConferenceCall")
    await until(lambda: dnd(one.pbx))
    one.pbx.ring("0001", from_number="+49 30 23125 801")
    assert (await one.person().ask("DELETE", "/session")).status == 204
    assert not dnd(one.pbx)
    assert one.microsoft.graph.presence(ANNA).sessions == {}
    _ = JONAS
