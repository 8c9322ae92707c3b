"""Redis Cluster: redis-py finds the node of each key; commands of one call go out side by side."""

import asyncio
from collections.abc import Sequence

from redis.asyncio.cluster import RedisCluster
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException, RedisError, ResponseError

from bridge.store.commands import Command
from bridge.store.lanes import Lost

_RAW = ("SET", "HGETALL", "HSET", "HSETNX", "EXPIRE", "PEXPIRE", "PING", "ZSCORE", "ZADD", "GETEX", "GETDEL", "DEL")
"""Commands whose replies redis-py would translate; the stores want them as the server sends them."""

CONNECTIONS_PER_NODE = 32


class ClusterWire:
    """A way to a cluster; every key that one command touches shares a hash tag."""

    def __init__(self, url: str, deadline: float) -> None:
        self._url = url
        self._deadline = deadline
        self._cluster: RedisCluster | None = None
        self._finding = asyncio.Lock()

    def start(self) -> None:
        """Nothing to do: nodes are found at the first call."""

    async def stop(self) -> None:
        """Close all connections."""
        if self._cluster is not None:
            await self._cluster.aclose()
            self._cluster = None

    async def exchange(self, commands: Sequence[Command], *, alone: bool) -> list[object]:
        """Send commands side by side; ``alone``: in order, on one connection of the first one's node.

        Raises:
            Lost: a node could not be reached.
        """
        try:
            cluster = await self._found()
            if alone:
                return await _in_order(cluster, commands)
            return list(await asyncio.gather(*(_reply(cluster, command) for command in commands)))
        except (RedisError, RedisClusterException, OSError):
            raise Lost from None

    async def subscriber(self) -> AbstractConnection:
        """Give a connection of its own to one of the nodes: a cluster tells all of them what is published."""
        try:
            node = (await self._found()).get_random_node()
        except (RedisError, RedisClusterException, OSError):
            raise Lost from None
        connection: AbstractConnection = node.connection_class(
            **{**node.connection_kwargs, "host": node.host, "port": node.port}
        )
        return connection

    async def _found(self) -> RedisCluster:
        async with self._finding:
            if self._cluster is None:
                cluster = RedisCluster.from_url(
                    self._url,
                    protocol=2,
                    driver_info=None,
                    socket_timeout=self._deadline,
                    socket_connect_timeout=self._deadline,
                    max_connections=CONNECTIONS_PER_NODE,
                    retry=Retry(NoBackoff(), 1),
                )
                for command in _RAW:
                    cluster.set_response_callback(command, _as_sent)
                self._cluster = await cluster.initialize()
            return self._cluster


def _as_sent(response: object, **_: object) -> object:
    return response


async def _reply(cluster: RedisCluster, command: Command) -> object:
    try:
        return await cluster.execute_command(*command)
    except ResponseError as error:
        return error


async def _in_order(cluster: RedisCluster, commands: Sequence[Command]) -> list[object]:
    """``WAIT`` counts for what its own connection wrote, so both go over the same one."""
    first = commands[0]
    key = str(first[3] if first[0] in {"EVAL", "EVALSHA"} else first[1])
    node = cluster.get_node_from_key(key)
    if node is None:
        raise Lost
    connection = node.acquire_connection()
    try:
        await connection.send_packed_command(connection.pack_commands(commands))
        return [await _raw(connection) for _ in commands]
    finally:
        node.release(connection)


async def _raw(connection: AbstractConnection) -> object:
    try:
        return await connection.read_response(disable_decoding=True)
    except ResponseError as error:
        return error
