"""A person's standing in presence, as compact bytes and back: JSON by position, the first item tells the form."""

import json
from typing import Any

from bridge.model.presence_rules import TeamsPresence, TeamsSession, read, written
from bridge.model.presence_sync import EMPTY, Held, Made, OwnDnd, Source, Standing

_FORM = 1
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def write_standing(standing: Standing) -> bytes:
    """Write it: only ever to be sealed."""
    held, dnd, teams = standing.held, standing.dnd, standing.teams
    return _dump(
        (
            _FORM,
            (held.kind, held.since, held.renewed, held.sure, held.looked) if held else None,
            standing.cleared,
            standing.cleared_at,
            (dnd.since, dnd.account, dnd.rule, dnd.sure, dnd.unwanted_since, dnd.leaving) if dnd else None,
            standing.waived_since,
            standing.looked_at,
            standing.theirs,
            standing.text,
            standing.text_rule,
            (teams.availability, teams.activity) if teams else None,
            standing.teams_since,
            standing.teams_asked,
            [(made.at, made.what, made.rule, made.source, made.delay) for made in standing.changes],
            written(standing.chosen) if standing.chosen is not None else None,
        )
    ).encode()


def read_standing(raw: bytes) -> Standing:
    """Read it; what another version wrote counts as nothing: all of it heals by itself."""
    try:
        form, *items = json.loads(raw)
        return _standing(items) if form == _FORM else EMPTY
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return EMPTY


def _standing(items: list[Any]) -> Standing:
    held, cleared, cleared_at, dnd, waived, looked, theirs, text, text_rule, teams, since, asked, changes, chosen = (
        items
    )
    return Standing(
        held=Held(TeamsSession(held[0]), *held[1:]) if held else None,
        cleared=TeamsSession(cleared) if cleared else None,
        cleared_at=cleared_at,
        dnd=OwnDnd(*dnd) if dnd else None,
        waived_since=waived,
        looked_at=looked,
        theirs=theirs,
        text=text,
        text_rule=text_rule,
        teams=TeamsPresence(*teams) if teams else None,
        teams_since=since,
        teams_asked=asked,
        changes=tuple(Made(at, what, rule, Source(source), delay) for at, what, rule, source, delay in changes),
        chosen=None if chosen is None else read(chosen),
    )
