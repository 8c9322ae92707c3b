"""The commands as people write them, German and English, umlauts as two letters: tables, nothing else.

``EXACT`` are whole lines; ``WITH_MORE`` are lines that name somebody or something. What places a call is never recognised in spite
of a slip of the finger: its words are kept apart.
"""

import re
from enum import StrEnum
from typing import Final


class Want(StrEnum):
    """What a message asks for."""

    NOTHING = "nothing"
    HELP = "help"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    STATUS = "status"
    CALLS = "calls"
    CALL = "call"
    CALL_WHOM = "call_whom"
    CALL_NAME = "call_name"
    NUMBER = "number"
    REDIAL = "redial"
    CALL_BACK = "call_back"
    HANG_UP = "hang_up"
    HOLD = "hold"
    FORWARD = "forward"
    FORWARD_WHERE = "forward_where"
    CONFERENCE = "conference"
    HISTORY = "history"
    MISSED = "missed"
    VOICEMAIL = "voicemail"
    FIND = "find"
    WHO_IS = "who_is"
    PRESENCE = "presence"
    COLLEAGUES = "colleagues"
    REACHABLE = "reachable"
    DND = "dnd"
    REDIRECTS = "redirects"
    REDIRECT = "redirect"
    REDIRECT_OFF = "redirect_off"
    PHONES = "phones"
    USE_PHONE = "use_phone"
    LANGUAGE = "language"
    NOTICES = "notices"
    QUIET_HOURS = "quiet_hours"
    DIGEST = "digest"
    WHEN = "when"
    SECRET = "secret"  # noqa: S105 - a kind of message, not a password
    THANKS = "thanks"
    UNKNOWN = "unknown"


PLACING: Final = frozenset({Want.CALL, Want.REDIAL, Want.CALL_BACK, Want.CALL_NAME})
"""What lets a telephone ring: only ever carried out when it was written without a slip."""

PHRASES: Final[dict[Want, tuple[str, ...]]] = {
    Want.HELP: (
        "help", "hi", "hello", "hey", "start", "menu", "commands", "what can you do", "?", "hilfe", "hallo", "moin", "servus",
        "guten tag", "guten morgen", "befehle", "menue", "was kannst du", "was koennen sie",
    ),
    Want.SIGN_IN: (
        "sign in", "signin", "log in", "login", "log on", "logon", "connect", "anmelden", "melde mich an", "einloggen",
        "anmeldung", "an starface anmelden", "mich anmelden", "verbinden",
    ),
    Want.SIGN_OUT: (
        "sign out", "signout", "log out", "logout", "log off", "logoff", "disconnect", "abmelden", "melde mich ab", "ausloggen",
        "abmeldung", "mich abmelden",
    ),
    Want.STATUS: (
        "status", "state", "my status", "am i signed in", "who am i", "mein status", "zustand", "bin ich angemeldet", "wer bin ich",
    ),
    Want.CALLS: (
        "calls", "my calls", "active calls", "show calls", "list calls", "current calls", "anrufe", "meine anrufe",
        "aktive anrufe", "gespraeche", "meine gespraeche", "laufende gespraeche", "telefonate", "zeige anrufe",
    ),
    Want.HANG_UP: (
        "hang up", "hangup", "end call", "end the call", "end my call", "stop call", "drop call", "auflegen", "leg auf", "lege auf",
        "einhaengen", "anruf beenden", "gespraech beenden", "beende anruf", "beende den anruf", "beende das gespraech",
        "reject", "decline", "ablehnen", "abweisen",
    ),
    Want.HOLD: (
        "hold", "put on hold", "hold call", "hold the call", "hold my call", "halten", "anruf halten", "gespraech halten",
        "den anruf halten", "das gespraech halten", "auf halten",
    ),
    Want.FORWARD_WHERE: (
        "forward", "transfer", "forward call", "transfer call", "forward the call", "transfer the call", "weiterleiten",
        "durchstellen", "weiterverbinden", "anruf weiterleiten", "gespraech weiterleiten",
    ),
    Want.CONFERENCE: (
        "conference", "start conference", "merge", "merge calls", "join calls", "konferenz", "konferenz starten",
        "zusammenschalten", "gespraeche zusammenschalten", "gespraeche verbinden",
    ),
    Want.CALL_WHOM: ("call", "dial", "phone", "anrufen", "anruf", "waehlen", "telefonieren"),
    Want.REDIAL: (
        "redial", "call again", "dial again", "call last number", "wahlwiederholung", "wiederwahl", "nochmal anrufen",
        "noch mal anrufen", "erneut anrufen", "letzte nummer anrufen",
    ),
    Want.CALL_BACK: (
        "call back", "callback", "ring back", "return call", "call them back", "rueckruf", "zurueckrufen", "ruf zurueck",
        "rufe zurueck", "call back last caller",
    ),
    Want.HISTORY: (
        "history", "call history", "call list", "call log", "recent", "recent calls", "last calls", "anrufliste", "verlauf",
        "anrufverlauf", "letzte anrufe", "gespraechsliste", "journal",
    ),
    Want.MISSED: (
        "missed", "missed calls", "my missed calls", "who called", "verpasst", "verpasste anrufe", "entgangen",
        "entgangene anrufe", "wer hat angerufen",
    ),
    Want.VOICEMAIL: (
        "voicemail", "voicemails", "voice mail", "my voicemail", "mailbox", "messages", "anrufbeantworter", "nachrichten",
        "sprachnachrichten",
    ),
    Want.COLLEAGUES: ("colleagues", "my colleagues", "kollegen", "kolleginnen", "meine kollegen", "presence", "praesenz"),
    Want.REACHABLE: (
        "am i reachable", "am i available", "reachable", "where do calls ring", "where would calls ring", "where do my calls ring",
        "bin ich erreichbar", "erreichbar", "erreichbarkeit", "wo klingelt es", "wo klingeln anrufe",
    ),
    Want.REDIRECTS: (
        "redirects", "redirect", "redirections", "my redirects", "diversions", "call forwarding", "umleitung", "umleitungen",
        "rufumleitung", "rufumleitungen", "weiterleitungen", "meine umleitungen",
    ),
    Want.REDIRECT_OFF: (
        "redirect off", "redirects off", "no redirect", "stop redirect", "stop redirecting", "end redirect", "call forwarding off",
        "umleitung aus", "umleitungen aus", "rufumleitung aus", "keine umleitung", "umleitung beenden", "umleitung ausschalten",
        "umleitung loeschen", "redirect aus",
    ),
    Want.PHONES: ("phones", "my phones", "devices", "telefone", "meine telefone", "geraete", "meine geraete", "endgeraete"),
    Want.LANGUAGE: ("language", "sprache"),
    Want.NOTICES: ("notices", "notifications", "my notices", "benachrichtigungen", "benachrichtigung", "hinweise"),
    Want.QUIET_HOURS: ("quiet hours", "quiet time", "ruhezeit", "ruhezeiten"),
    Want.DIGEST: ("digest", "summary", "zusammenfassung", "sammelnachricht"),
    Want.THANKS: ("thanks", "thank you", "thx", "danke", "vielen dank", "danke schoen", "dankeschoen"),
}  # fmt: skip
EXACT: Final = {phrase: want for want, phrases in PHRASES.items() for phrase in phrases}


def _any(*words: str) -> str:
    return f"(?:{'|'.join(words)})"


_TO: Final = _any(
    "to", "an", "auf", "zu", "zur", "zum", "mit", "nach", "in", "die", "den", "das", "the", "my", "meine?", "meinen"
)
_THE_CALL: Final = r"(?:(?:the |this |my |das |den |diesen )?(?:call|gespraech|anruf) )?"
_ALL_CALLS: Final = r"(?: (?:all|my|alle|meine))*(?: (?:calls|anrufe|rufe))?"
_MORE: Final = "(?P<more>.+)"
_LESS: Final = "(?P<more>.+?)"
_SWITCH: Final = "(?P<switch>on|off|an|ein|aus|einschalten|ausschalten)"
_QUIET: Final = _any("do not disturb", "dont disturb", "dnd", "nicht stoeren", "ruhe")
_HOURS: Final = _any("quiet(?: hours| time)?", "ruhe(?:zeit(?:en)?)?")
_FIND: Final = _any("find", "search", "search for", "look up", "lookup", "suche", "such", "finde", "suche nach")
_NOTICE: Final = _any("notices?", "notifications?", "benachrichtigung(?:en)?", "hinweise?")
_DIGEST: Final = _any("digest", "summary", "zusammenfassung", "sammelnachricht")
_REDIRECT: Final = _any(
    "redirect", "divert", "call forwarding", "forward(?: all)?(?: my)? calls", "forward all", "umleitung", "rufumleitung",
    "umleiten", "leite um", "(?:alle |meine )?(?:anrufe|rufe) (?:umleiten|weiterleiten)",
)  # fmt: skip
_FORWARD: Final = _any("weiterleiten", "durchstellen", "weiterverbinden", "verbinden")
_STATE: Final = _any("presence", "state", "status", "availability", "praesenz", "verfuegbarkeit", "zustand")
_FREE: Final = _any(
    "free", "busy", "available", "there", "in", "online", "reachable", "on the phone", "frei", "besetzt", "da", "erreichbar",
    "verfuegbar", "am telefon",
)  # fmt: skip
_WHOSE: Final = _any("who is", "whos", "who has", "whose number is", "wer ist", "wer hat", "wem gehoert")
_USE: Final = _any("use", "choose", "select", "take", "nimm", "nutze", "benutze", "verwende")
_MY_PHONE: Final = _any("the", "my", "das", "den", "mein", "meine", "meinen", "phone", "telefon")

WITH_MORE: Final[tuple[tuple[Want, re.Pattern[str]], ...]] = tuple(
    (want, re.compile(f"^{pattern}$"))
    for want, pattern in (
        (Want.DND, rf"(?:turn |switch )?(?:(?P<on>on|off) )?{_QUIET}(?: {_SWITCH})?"),
        (Want.QUIET_HOURS, rf"{_HOURS}(?: {_SWITCH}| (?:from |von )?(?P<start>.+?) ?(?:to|until|till|bis|-) ?(?P<end>.+))"),
        (Want.NOTICES, rf"{_NOTICE}(?: (?:for|about|fuer|ueber|bei|zu))?(?: (?P<kind>[a-z ]+?))? {_SWITCH}"),
        (Want.DIGEST, rf"{_DIGEST} (?:{_SWITCH}|(?:at |um )?(?P<start>.+))"),
        (Want.LANGUAGE, r"(?:(?:language|sprache|speak|sprich)(?: (?:to|auf|in))? )?(?P<more>german|deutsch|english|englisch)"),
        (Want.REDIRECT, rf"{_REDIRECT}{_ALL_CALLS}(?: {_TO})* {_MORE}"),
        (Want.REDIRECT, rf"(?:alle |meine )*(?:anrufe |rufe )?(?:{_TO} )+{_LESS} umleiten"),
        (Want.REDIRECT, rf"(?:alle |meine )*(?:anrufe|rufe) (?:{_TO} )+{_LESS} weiterleiten"),
        (Want.REDIRECT, rf"leite (?:alle |meine )*(?:anrufe |rufe )?(?:{_TO} )+{_LESS} um"),
        (Want.FORWARD, rf"(?:forward|transfer|{_FORWARD}) {_THE_CALL}(?:{_TO} )*{_MORE}"),
        (Want.FORWARD, rf"(?:leite|verbinde|stelle?) (?:mich )?{_THE_CALL}(?:{_TO} )+{_LESS}(?: weiter| durch)?"),
        (Want.FORWARD, rf"{_THE_CALL}(?:{_TO} )+{_LESS} {_FORWARD}"),
        (Want.PRESENCE, rf"{_STATE} (?:(?:of|von|for|fuer|bei) )?{_MORE}"),
        (Want.PRESENCE, rf"(?:is|ist) {_LESS} {_FREE}"),
        (Want.PRESENCE, rf"(?:(?:what is|whats) (?=.+ doing$)|was macht ){_LESS}(?: doing| gerade)?"),
        (Want.WHO_IS, rf"{_WHOSE}(?: the number| die nummer)? {_MORE}"),
        (Want.FIND, rf"{_FIND} {_MORE}"),
        (Want.USE_PHONE, rf"{_USE}(?: {_MY_PHONE})* {_MORE}"),
    )
)  # fmt: skip
"""Tried in this order; the group ``more`` is what the command is about."""

NOTICE_KINDS: Final = {
    word: kind
    for kind, words in {
        "incoming": ("incoming", "incoming calls", "calls", "eingehende", "eingehende anrufe", "anrufe", "ankommende anrufe"),
        "missed": ("missed", "missed calls", "verpasste", "verpasste anrufe", "verpasst", "entgangene anrufe", "entgangene"),
        "voicemail": ("voicemail", "voicemails", "messages", "nachrichten", "anrufbeantworter", "mailbox"),
        "sign_in": ("sign in", "signin", "end of sign in", "anmeldung", "ende der anmeldung", "abmeldung"),
        "presence": ("presence", "presence conflicts", "praesenz", "praesenzkonflikte", "do not disturb", "nicht stoeren"),
    }.items()
    for word in words
}  # fmt: skip
"""What the kinds of notices are called (the choices of :mod:`bridge.service.notice_choices`)."""

OFF: Final = frozenset({"off", "aus", "ausschalten", "end", "stop", "beenden", "loeschen", "none", "keine"})
MAILBOX: Final = frozenset({"voicemail", "voice mail", "mailbox", "anrufbeantworter", "my voicemail", "ab"})
OWN: Final = frozenset({"me", "my phone", "myself", "mir", "mein telefon", "ich"})
GERMAN: Final = frozenset({"german", "deutsch"})
NEGATIONS: Final = frozenset(
    {
        "not",
        "never",
        "no",
        "dont",
        "nobody",
        "nicht",
        "nie",
        "niemals",
        "kein",
        "keine",
        "keinen",
        "niemand",
        "niemanden",
    }
)
"""With one of these in it no sentence asks for a call."""

_CALLING: Final = ("ring", "rufe", "ruf", "anrufe", "waehle", "telefoniere", "klingel", "klingle")
CALL_WORDS: Final = frozenset(
    word for want in (Want.CALL_WHOM, Want.REDIAL, Want.CALL_BACK) for phrase in PHRASES[want] for word in phrase.split()
) | frozenset(_CALLING)  # fmt: skip
_HEADS: Final = (
    "redirect", "divert", "forward", "transfer", "weiterleiten", "durchstellen", "verbinden", "umleiten", "umleitung",
    "rufumleitung", "leite", "verbinde", "stelle", "presence", "availability", "praesenz", "verfuegbarkeit", "zustand",
    "status", "search", "find", "suche", "finde", "choose", "select", "benutze", "verwende", "nutze", "disturb", "stoeren",
    "nicht", "quiet", "hours", "ruhezeit", "ruhezeiten", "notices", "notifications", "benachrichtigungen", "hinweise",
    "language", "sprache",
)  # fmt: skip
KNOWN: Final = frozenset(
    word
    for want, phrases in PHRASES.items()
    if want not in PLACING and want is not Want.CALL_WHOM
    for phrase in phrases
    for word in phrase.split()
    if len(word) >= 4
) | frozenset(_HEADS)  # fmt: skip
"""Words of commands that place no call, long enough to be recognised with a slip."""
