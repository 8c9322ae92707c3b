"""The card of one call through its life, and the cards of what was missed (pure: model in, Adaptive Card JSON out)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.cards import Cards, local_time
from bot.elements import Json, act, card, heading, literal, paragraph, plain
from bridge.model.calls import Call
from bridge.model.numbers import MAXIMUM_WRITTEN
from bridge.model.telephony import CallAction, CallState, Direction
from bridge.service.notice_aftermath import Fate
from bridge.texts import language_of

LISTED = 15
"""Missed calls named one by one in a digest."""


@dataclass(frozen=True, slots=True)
class Told:
    """A card, and the line that a notification shows of it."""

    text: str
    card: Json


@dataclass(frozen=True, slots=True)
class Missed:
    """Calls of one number that were missed: ``times`` oldest first."""

    number: str
    name: str
    times: tuple[datetime, ...]
    seconds: int | None = None
    """Length of the message that was left, if one was."""


@dataclass(frozen=True, slots=True)
class CallCards:
    """Cards of calls in one language."""

    cards: Cards

    def call(self, call: Call, nonce: str, *, others: int = 0, watcher: str = "") -> Told:
        """A call that goes on, with a button for each thing that may be done now; or its plain end.

        ``others``: live calls beside this one. ``watcher``: the person's id in the channel; with it the card asks for its newest
        state when it comes into view.
        """
        title = self._say(f"call-card-{_phase(call)}")
        lines = [heading(title), paragraph(self._who(call.remote.name, call.remote.number))]
        if call.group and call.connected_at is None:
            lines.append(paragraph(self._say("call-card-group"), subtle=True))
        lines += self._times(call)
        told = self._card(lines, self._actions(call, nonce, others))
        return Told(self._summary(title, call), {**told, **_refresh(call, watcher)} if watcher else told)

    def fate(self, call: Call, fate: Fate, nonce: str) -> Told:
        """The end of a call that nobody answered here."""
        title = self._say(f"call-card-{fate.value}")
        lines = [heading(title), paragraph(self._who(call.remote.name, call.remote.number))]
        if fate is Fate.ELSEWHERE:
            lines.append(paragraph(self._say("call-card-elsewhere-what")))
        lines.append(paragraph(self._at(call.started_at), subtle=True))
        return Told(self._summary(title, call), self._card(lines, self._call_back(call.remote.number, nonce)))

    def missed(self, missed: Missed, nonce: str) -> Told:
        """One or several missed calls of one number, or a message that was left."""
        count = len(missed.times)
        name = "call-card-message" if missed.seconds is not None else "call-card-missed"
        title = self._say(name) if count == 1 else self._say("call-card-missed-times", count=count)
        who = missed.name or missed.number or self._say("calls-unknown")
        lines = [heading(title), paragraph(self._who(missed.name, missed.number))]
        if missed.seconds is not None:
            lines.append(paragraph(self._say("call-card-message-length", length=_length(missed.seconds))))
        lines.append(paragraph(" · ".join(_clock(time) for time in missed.times[-6:]), subtle=True))
        return Told(f"{title}: {plain(who)}", self._card(lines, self._call_back(missed.number, nonce)))

    def digest(self, missed: Sequence[Missed], nonce: str) -> Told:
        """All that was missed in a while, in one message; the newest can be called back."""
        title = self._say("digest-title", count=sum(len(each.times) for each in missed))
        lines = [heading(title)]
        for each in missed[-LISTED:]:
            times = " · ".join(_clock(time) for time in each.times[-4:])
            lines.append(paragraph(f"{self._who(each.name, each.number)} – {times}"))
        if len(missed) > LISTED:
            lines.append(paragraph(self._say("digest-more", count=len(missed) - LISTED), subtle=True))
        numbers = list(dict.fromkeys(each.number for each in reversed(missed) if each.number))[:5]
        actions = [self._call_button(number, nonce) for number in numbers]
        return Told(title, self._card(lines, actions))

    def unfollowed(self) -> Told:
        """What a call's card becomes when the sign-in has ended: the PBX tells us nothing more about it."""
        text = self._say("call-card-unfollowed")
        return Told(text, self._card([paragraph(text)]))

    def continued(self) -> Told:
        """What the card of a call becomes that goes on under another card."""
        text = self._say("call-card-continued")
        return Told(text, self._card([paragraph(text)]))

    def _say(self, name: str, **facts: str | int) -> str:
        return self.cards.say(name, **facts)

    def _card(self, body: Sequence[Json], actions: Sequence[Json] = ()) -> Json:
        return card(body, actions, language=language_of(self.cards.locale))

    def _who(self, name: str, number: str) -> str:
        return " · ".join(literal(part) for part in (name, number) if part) or self._say("calls-unknown")

    def _summary(self, title: str, call: Call) -> str:
        return f"{title}: {plain(call.remote.name or call.remote.number or self._say('calls-unknown'))}"

    def _times(self, call: Call) -> list[Json]:
        if call.connected_at is None:
            return [paragraph(self._at(call.started_at), subtle=True)] if not call.live else []
        if call.ended_at is not None:
            lasted = _length(int((call.ended_at - call.connected_at).total_seconds()))
            return [paragraph(self._say("call-card-lasted", length=lasted), subtle=True)]
        return [paragraph(self._say("call-card-since", time=_clock(call.connected_at)), subtle=True)]

    def _at(self, moment: datetime) -> str:
        return local_time(moment)

    def _actions(self, call: Call, nonce: str, others: int) -> list[Json]:
        may, buttons = call.actions, []
        if CallAction.HOLD in may:
            buttons.append(self._act("button-hold", "call_hold", call, nonce))
        if CallAction.FORWARD in may:
            buttons.append(self._forward(call, nonce))
        if CallAction.CONFERENCE in may and others:
            buttons.append(self._act("button-conference", "call_join", call, nonce))
        if CallAction.HANGUP in may:
            ringing = call.state is CallState.RINGING and call.direction is Direction.INBOUND
            title = "button-reject" if ringing else "button-hang-up"
            buttons.append(self._act(title, "call_hang_up", call, nonce, style="destructive"))
        if not call.live and call.remote.number:
            buttons += self._call_back(call.remote.number, nonce)
        return buttons

    def _act(self, title: str, verb: str, call: Call, nonce: str, *, style: str = "default") -> Json:
        return act(self._say(title), verb, _data(call, nonce), style=style)

    def _forward(self, call: Call, nonce: str) -> Json:
        field: Json = {
            "type": "Input.Text",
            "id": "target",
            "label": self._say("forward-label"),
            "placeholder": self._say("forward-placeholder"),
            "style": "Tel",
            "maxLength": MAXIMUM_WRITTEN,
            "isRequired": True,
            "errorMessage": self._say("forward-missing"),
        }
        inner = self._card([field], [self._act("button-forward", "call_forward", call, nonce, style="positive")])
        return {"type": "Action.ShowCard", "title": self._say("button-forward-to"), "card": inner}

    def _call_back(self, number: str, nonce: str) -> list[Json]:
        return [self._call_button(number, nonce, "button-call-back")] if number else []

    def _call_button(self, number: str, nonce: str, title: str = "button-call-number") -> Json:
        text = self._say(title, number=plain(number))
        return act(text, "call", {"nonce": nonce, "number": number}, style="positive")


def _phase(call: Call) -> str:
    if call.state is CallState.RINGING and call.direction is Direction.OUTBOUND:
        return CallState.DIALING.value
    return call.state.value


def _data(call: Call, nonce: str) -> Json:
    """What a click carries: enough to find the call and to see whether the card was still right."""
    return {"call": call.id, "version": call.version, "state": call.state.value, "nonce": nonce}


def _refresh(call: Call, watcher: str) -> Json:
    verb, data = "call_card", {"call": call.id, "verb": "call_card"}
    action = {"type": "Action.Execute", "title": "…", "verb": verb, "data": data}
    return {"refresh": {"action": action, "userIds": [watcher]}}


def _clock(moment: datetime) -> str:
    """A time of the day, written by the client in its own zone and language."""
    return f"{{{{TIME({moment.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')})}}}}"


def _length(seconds: int) -> str:
    hours, rest = divmod(max(0, seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
