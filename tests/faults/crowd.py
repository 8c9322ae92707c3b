"""Many people, and how the product and its stores look from outside while something goes wrong."""

import asyncio
import uuid
from collections.abc import Iterable
from urllib.parse import quote

from infra.simulator.microsoft.population import ANNA, SONNENTAL, Tenant, User
from infra.simulator.starface import StarfaceSimulator
from infra.simulator.starface.codec import write_call
from tests.harness import Person, World, until
from tests.servers import RedisServer

LOGIN, TOKEN = "de.vertico.starface.user", "de.vertico.starface.auth"
BEATING = b"sfb:presence:{presence}:"
CALL_STATE = "ucp.v30.events.call.receiveCallState"


def people(count: int, tenant: Tenant = SONNENTAL) -> list[User]:
    """Made-up members of a tenant, with fresh object ids."""
    return [User(str(uuid.uuid4()), tenant, f"Person {index}", f"person{index}") for index in range(1, count + 1)]


def urls(world: World) -> list[str]:
    """Where each process of the product listens."""
    return [f"http://127.0.0.1:{service.settings.port}" for service in world.services]


def spread(world: World, users: Iterable[User]) -> list[Person]:
    """Each of ``users``, on the processes in turn."""
    places = urls(world)
    return [world.person(user, places[index % len(places)]) for index, user in enumerate(users)]


def contents(redis: RedisServer) -> dict[bytes, bytes | None]:
    """Everything that lies in Redis, byte for byte, but for what beats by itself (who asks Teams for presence, and when)."""
    with redis.client() as client:
        names = [name for name in client.scan_iter(count=1000) if not name.startswith(BEATING)]
        return {name: client.dump(name) for name in names}


async def at_rest(redis: RedisServer) -> dict[bytes, bytes | None]:
    """Wait until nothing changes in Redis for a while, and give what lies there."""
    seen = [await asyncio.to_thread(contents, redis)]

    async def unchanged() -> bool:
        await asyncio.sleep(0.19)
        seen.append(await asyncio.to_thread(contents, redis))
        return seen[-1] == seen[-2]

    await until(unchanged)
    return seen[-1]


def place_of(pbx: StarfaceSimulator, login: str = "0001") -> str:
    """The path under which a PBX was told to post somebody's events."""
    target = pbx.pbx.sessions.of(login)[-1].callback
    assert target is not None
    return target.path


def token_of(pbx: StarfaceSimulator, login: str = "0001") -> str:
    """What the PBX appends to that path as proof."""
    return pbx.pbx.sessions.of(login)[-1].credential


def ringing(pbx: StarfaceSimulator, call: str, number: str = "004930231250") -> bytes:
    """The body of an event that tells of a call."""
    shape = {"id": call, "state": "RINGING", "callerNumber": number, "callerName": "", "calledNumber": "10"}
    return write_call(CALL_STATE, [shape], pbx.switches)


async def post_event(
    world: World, path: str, body: bytes, *, login: str = "0001", token: str = "", url: str = "", **headers: str
) -> tuple[int, bytes]:
    """Post as a PBX does; give status and body of the answer."""
    query = f"{LOGIN}={quote(login, safe='')}&{TOKEN}={quote(token, safe='')}"
    told = {"Content-Type": "text/xml"} | {name.replace("_", "-"): value for name, value in headers.items()}
    async with world.http.post(f"{url or world.url}{path}?{query}", data=body, headers=told) as answer:
        return answer.status, await answer.read()


__all__ = [
    "ANNA", "BEATING", "CALL_STATE", "LOGIN", "TOKEN", "at_rest", "contents", "people", "place_of", "post_event",
    "ringing", "spread", "token_of", "urls",
]  # fmt: skip
