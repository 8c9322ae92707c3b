"""Every card the bot shows: model in, Adaptive Card JSON out (pure; a card's nonce is passed in)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.elements import Json, act, ask, buttons, card, group, heading, literal, open_dialog, paragraph
from bridge.model.calls import Call
from bridge.model.pbx import PbxEntry
from bridge.model.telephony import CallAction
from bridge.texts import LANGUAGES, Catalogue, language_of

CALLS_SHOWN = 5
"""Calls with a button of their own; one more action is left for the card."""

HELP = ("call", "calls", "during", "lists", "people", "status", "dnd", "redirect", "phones", "notices", "sign-in")
"""The lines of the help card."""

TELEPHONY_TEXTS = frozenset({"active", "available", "queue_pause", "ringing", "unavailable"})
"""States of the PBX for which there is a word in the catalogue."""


@dataclass(frozen=True, slots=True)
class Cards:
    """The cards in one language. ``locale`` is that of the person's client."""

    texts: Catalogue
    locale: str

    def say(self, name: str, **facts: str | int) -> str:
        """A sentence of the catalogue; facts from outside have passed through ``literal`` or ``plain``."""
        return self.texts.text(self.locale, name, **facts)

    def welcome(self) -> Json:
        """What the bot does, who sets it up, and that no password belongs here."""
        body = [
            heading(self.say("welcome-title")),
            paragraph(self.say("welcome-what")),
            paragraph(self.say("welcome-setup")),
            paragraph(self.say("welcome-password")),
        ]
        return self.frame(body, [self._sign_in_button(), ask(self.say("button-help"), "help")])

    def help(self) -> Json:
        """All commands, with buttons for those that need no number."""
        lines = [paragraph(self.say(f"help-{name}")) for name in HELP]
        actions = [
            self._sign_in_button(),
            ask(self.say("button-status"), "status"),
            ask(self.say("button-calls"), "calls"),
        ]
        return self.frame([heading(self.say("help-title")), *lines], actions)

    def sign_in(self, why: str, kept_number: str = "") -> Json:
        """Ask for a sign-in. ``why`` is a sentence of the catalogue, ``kept_number`` the call that waits for it."""
        body = [heading(self.say("sign-in-title")), paragraph(why)]
        if kept_number:
            body.append(paragraph(self.say("sign-in-kept", number=literal(kept_number))))
        body.append(paragraph(self.say("sign-in-password"), subtle=True))
        return self.frame(body, [self._sign_in_button()])

    def signed_in(self, pbx: PbxEntry | None, ends_at: datetime | None) -> Json:
        """What a card that asked for a sign-in becomes afterwards."""
        return self.frame([heading(self.say("signed-in-title")), *self._session_lines(pbx, ends_at)])

    def resume_offer(self, pbx: PbxEntry | None, ends_at: datetime | None, number: str, nonce: str) -> Json:
        """As :meth:`signed_in`, with the offer to carry on with the call that had to wait."""
        body = [
            heading(self.say("signed-in-title")),
            *self._session_lines(pbx, ends_at),
            paragraph(self.say("resume-offer", number=literal(number))),
        ]
        actions = [
            act(self.say("button-call-number", number=number), "resume", {"nonce": nonce}, style="positive"),
            act(self.say("button-not-now"), "drop", {"nonce": nonce}),
        ]
        return self.frame(body, actions)

    def status(self, pbx: PbxEntry | None, ends_at: datetime | None, states: Sequence[str]) -> Json:
        """The sign-in and the person's own state; ``states`` are sentences of the catalogue."""
        body = [
            heading(self.say("status-title")),
            *self._session_lines(pbx, ends_at),
            *(paragraph(state) for state in states),
        ]
        return self.frame(body, [ask(self.say("button-calls"), "calls"), ask(self.say("button-sign-out"), "sign_out")])

    def offer_call(self, number: str, nonce: str, text: str = "") -> Json:
        """A number without a command: nothing is dialled before a click. ``text``: a sentence in place of the usual one."""
        actions = [
            act(
                self.say("button-call-number", number=number),
                "call",
                {"nonce": nonce, "number": number},
                style="positive",
            )
        ]
        return self.frame([paragraph(text or self.say("number-offer", number=literal(number)))], actions)

    def placed(self, number: str, call: str, nonce: str, name: str = "") -> Json:
        """A call was placed: one's own phone rings first."""
        body = [
            heading(self.say("placed-title", number=literal(named(name, number)))),
            paragraph(self.say("placed-how")),
        ]
        return self.frame(body, [self._hang_up_button(self.say("button-hang-up"), call, nonce)])

    def hung_up(self, number: str) -> Json:
        """What a call's card becomes after hanging up."""
        name = "hung-up-number" if number else "hung-up"
        return self.frame([paragraph(self.say(name, number=literal(number)))])

    def calls(self, calls: Sequence[Call], nonce: str, *, question: bool = False) -> Json:
        """The live calls, each with a button to hang up; ``question`` asks which one is meant."""
        body = [heading(self.say("calls-which" if question else "calls-title"))]
        for call in calls[:CALLS_SHOWN]:
            parts = [paragraph(self.call_line(call))]
            if CallAction.HANGUP in call.actions:
                parts.append(buttons([self._hang_up_button(self._hang_up_title(call), call.id, nonce)]))
            body.append(group(parts))
        if len(calls) > CALLS_SHOWN:
            body.append(paragraph(self.say("calls-more", count=len(calls) - CALLS_SHOWN), subtle=True))
        return self.frame(body)

    def which(self, calls: Sequence[Call], question: str, verb: str, data: Json) -> Json:
        """Ask which of several calls is meant; ``question`` is a sentence, ``data`` goes with every button."""
        body = [heading(question)]
        for call in calls[:CALLS_SHOWN]:
            title = named(call.remote.name, call.remote.number) or self.say("calls-unknown")
            body.append(
                group([paragraph(self.call_line(call)), buttons([act(title, verb, {**data, "call": call.id})])])
            )
        return self.frame(body)

    def changed(self, text: str, nonce: str, more: Sequence[str] = ()) -> Json:
        """What was changed, with a button that takes it back; ``text`` and ``more`` are sentences."""
        body = [paragraph(text), *(paragraph(line, subtle=True) for line in more)]
        return self.frame(body, [self.undo(nonce)])

    def forwarded(self, number: str, name: str = "") -> Json:
        """A call was sent on."""
        return self.frame([paragraph(self.say("forwarded", who=literal(named(name, number))))])

    def lines(self, title: str, lines: Sequence[str], actions: Sequence[Json] = ()) -> Json:
        """A title and sentences below it."""
        return self.frame([heading(title), *(paragraph(line) for line in lines)], actions)

    def undo(self, nonce: str) -> Json:
        """The button that takes a change back."""
        return act(self.say("button-undo"), "undo", {"nonce": nonce})

    def languages(self, nonce: str) -> Json:
        """Ask for the language; each is written in itself."""
        actions = [
            act(self.say(f"language-{language}"), "language", {"nonce": nonce, "language": language})
            for language in LANGUAGES
        ]
        return self.frame([paragraph(self.say("language-which"))], actions)

    def notice(self, text: str) -> Json:
        """A card of one sentence, for the place of a card that has done its work."""
        return self.frame([paragraph(text)])

    def frame(self, body: Sequence[Json], actions: Sequence[Json] = ()) -> Json:
        """A whole card in this language."""
        return card(body, actions, language=language_of(self.locale))

    def _sign_in_button(self) -> Json:
        return open_dialog(self.say("button-sign-in"), "sign_in")

    def _hang_up_button(self, title: str, call: str, nonce: str) -> Json:
        return act(title, "hang_up", {"call": call, "nonce": nonce}, style="destructive")

    def _hang_up_title(self, call: Call) -> str:
        who = call.remote.name or call.remote.number
        return self.say("button-hang-up-who", who=who) if who else self.say("button-hang-up")

    def call_line(self, call: Call) -> str:
        """One call in a line."""
        parts = [literal(part) for part in (call.remote.name, call.remote.number) if part]
        who = " · ".join(parts) or self.say("calls-unknown")
        state = self.say(f"call-{call.state.value}")
        return self.say(f"calls-{call.direction.value}", who=who, state=state)

    def _session_lines(self, pbx: PbxEntry | None, ends_at: datetime | None) -> list[Json]:
        name = literal(pbx.name) if pbx is not None else "STARFACE"
        lines = [paragraph(self.say("session-pbx", pbx=name))]
        if ends_at is not None:
            lines.append(paragraph(self.say("session-until", time=local_time(ends_at)), subtle=True))
        return lines


def named(name: str, number: str) -> str:
    """A name with its number, as far as they are known."""
    return " · ".join(part for part in (name, number) if part)


def local_time(moment: datetime) -> str:
    """A time that the client writes in its own zone and language (Adaptive Cards, text features)."""
    stamp = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{{{{DATE({stamp}, SHORT)}}}} {{{{TIME({stamp})}}}}"
