"""What the service knows about the person who asks, and how their connection does."""

from typing import Final, Literal

from bridge.service.diagnostics import Diagnostics
from bridge.service.traces import Traces
from bridge.version import VERSION
from tab.incoming import Incoming
from tab.operation import Operation
from tab.problems import REQUEST_ID
from tab.schema import Shape


class TraceView(Shape):
    """One entry: what it is, not what is in it. ``expiresIn`` in seconds; then it is gone by itself."""

    kind: Literal[
        "sign_in", "sign_in_end", "calls", "connection", "index", "own_presence", "presence_set", "colleagues",
        "interrupted_call", "timed_setting", "choices", "chat", "messages", "schedule", "signed_in_list", "attempts", "short_note",
    ]  # fmt: skip
    expires_in: int


class TraceList(Shape):
    """Every entry that the service holds about the person."""

    entries: list[TraceView]


class DiagnosticsView(Shape):
    """The state of the connection without secrets and personal data; ages in seconds, null for what is not known."""

    connection: Literal["signed_out", "up", "trouble", "lost"]
    events: Literal["push", "poll"] | None
    last_event_age: float | None
    last_keep_alive_age: float | None
    service_version: str
    pbx_version: str | None
    protocol: str | None
    tls: Literal["required", "pinned", "off"] | None
    request_id: str


OPERATIONS: Final = (
    Operation(
        "list_traces", "GET", "/api/v1/traces", "Which entries the service holds about oneself", answer=TraceList,
        tag="settings",
    ),
    Operation(
        "forget_traces", "DELETE", "/api/v1/traces", "Sign out on every device and remove every entry", status=204,
        tag="settings",
    ),
    Operation(
        "read_diagnostics", "GET", "/api/v1/diagnostics", "How the connection does", answer=DiagnosticsView, tag="settings"
    ),
)  # fmt: skip


class OwnDataActs:
    """What the operations above do."""

    def __init__(self, traces: Traces, diagnostics: Diagnostics) -> None:
        self._traces = traces
        self._diagnostics = diagnostics

    async def list_traces(self, incoming: Incoming) -> TraceList:
        """GET /traces."""
        found = await self._traces.of(incoming.key)
        return TraceList(
            entries=[TraceView.model_validate({"kind": each.kind, "expires_in": each.expires_in}) for each in found]
        )

    async def forget_traces(self, incoming: Incoming) -> None:
        """DELETE /traces."""
        await self._traces.forget(incoming.key)

    async def read_diagnostics(self, incoming: Incoming) -> DiagnosticsView:
        """GET /diagnostics."""
        found = await self._diagnostics.of(incoming.key)
        return DiagnosticsView(
            connection=found.connection,
            events=found.events,
            last_event_age=found.last_event_age,
            last_keep_alive_age=found.last_keep_alive_age,
            service_version=VERSION,
            pbx_version=found.pbx_version,
            protocol=found.protocol,
            tls=found.tls.value if found.tls else None,
            request_id=incoming.request[REQUEST_ID],
        )
