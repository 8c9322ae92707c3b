"""Model → what the interface shows."""

from bridge.model.calls import Call, CallTable
from bridge.model.pbx import PbxEntry
from bridge.model.presence import OwnPresence
from bridge.model.telephony import Phone
from bridge.service.ports import Check
from bridge.service.sign_in import SessionView
from bridge.texts import Catalogue
from tab import schema


def session_state(view: SessionView) -> schema.SessionState:
    """The session object of the contract."""
    return schema.SessionState(
        state="signed_in" if view.live else "signed_out",
        reason=view.reason.value if view.reason else None,
        pbx=schema.PbxName(id=view.pbx.id, name=view.pbx.name) if view.pbx else None,
        expires_at=view.ends_at,
        pbxs=[schema.PbxChoice(id=pbx.id, name=pbx.name, primary=pbx.primary) for pbx in view.pbxs],
    )


def call(known: Call) -> schema.CallView:
    """One call."""
    return schema.CallView(
        id=known.id,
        state=known.state.value,
        direction=known.direction.value,
        remote=schema.Remote(number=known.remote.number, name=known.remote.name),
        group=known.group or None,
        started_at=known.started_at,
        connected_at=known.connected_at,
        actions=[action.value for action in known.actions],
        version=known.version,
    )


def call_list(table: CallTable) -> schema.CallList:
    """Live calls; ended ones are only sent as events."""
    return schema.CallList(calls=[call(known) for known in table.live()])


def phone_list(phones: tuple[Phone, ...]) -> schema.PhoneList:
    """The phones."""
    return schema.PhoneList(
        phones=[schema.PhoneView(id=phone.id, name=phone.name, primary=phone.primary) for phone in phones]
    )


def presence(own: OwnPresence) -> schema.PresenceView:
    """One's own state."""
    return schema.PresenceView(
        telephony=own.telephony, dnd=own.dnd, chat=own.chat, message=own.message, source=own.source, since=own.since
    )


def pbx(entry: PbxEntry) -> schema.PbxView:
    """A mapping."""
    return schema.PbxView(
        id=entry.id,
        name=entry.name,
        host=entry.host,
        port=entry.port,
        tls=entry.tls.value,
        certificate_sha256=entry.certificate_sha256,
        primary=entry.primary,
        callbacks=entry.callbacks.value,
        country=entry.country,
    )


def check_list(checks: tuple[Check, ...], language: str, texts: Catalogue) -> schema.CheckList:
    """Readiness, in the reader's language."""
    return schema.CheckList(
        checks=[
            schema.CheckView(
                id=check.id,
                status=check.status.value,
                detail=texts.text(language, f"check-{check.id}-{check.status.value}", fact=_fact(check)),
            )
            for check in checks
        ]
    )


def _fact(check: Check) -> str | int:
    """A count as a number, so that sentences can tell one from many."""
    return int(check.fact) if check.fact.isdigit() else check.fact
