"""With a replica: an end counts when the replica has it."""

import asyncio
from collections.abc import Iterator

import pytest

from bridge.errors import EndReason, Unavailable
from bridge.service.ports import NoSession
from tests.servers import RedisServer, redis_server, until
from tests.store.conftest import Starter
from tests.stores import MovableClock, a_session


@pytest.fixture
def leader() -> Iterator[RedisServer]:
    with redis_server("--repl-diskless-sync-delay", "0") as server:
        yield server


async def test_a_confirmed_end_survives_the_leader(leader: RedisServer, start: Starter, clock: MovableClock) -> None:
    with redis_server("--replicaof", f"127.0.0.1 {leader.port}") as replica:
        await _linked(replica)
        process = await start(leader, replicated=True)
        session = a_session(clock)
        await process.sessions.open(session)
        ends = await asyncio.gather(*(process.sessions.end(session, EndReason.REVOKED) for _ in range(5)))
        assert sum(ends) == 1
        leader.kill()
        replica.run("REPLICAOF", "NO", "ONE")
        heir = await start(replica)
        assert await heir.sessions.read(session.user) == NoSession(
            EndReason.REVOKED, session.user, session.pbx, session.id
        )


async def test_an_unconfirmed_end_can_be_asked_for_again(
    leader: RedisServer, start: Starter, clock: MovableClock
) -> None:
    with redis_server("--replicaof", f"127.0.0.1 {leader.port}") as replica:
        await _linked(replica)
        process = await start(leader, replicated=True)
        session = a_session(clock)
        await process.sessions.open(session)
        replica.hang()
        with pytest.raises(Unavailable):
            await process.sessions.end(session, EndReason.REVOKED)
        assert isinstance(await process.sessions.read(session.user), NoSession)
        replica.resume()
        assert await process.sessions.end(session, EndReason.REVOKED)
        assert not await process.sessions.end(session, EndReason.REVOKED)


async def _linked(replica: RedisServer) -> None:
    await until(lambda: b"master_link_status:up" in replica.run("INFO", "replication"), 10)
