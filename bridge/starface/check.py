"""Readiness of a PBX, without anybody's credentials: what an administrator is told before people sign in.

The checks come in the order in which a connection is made and end with the first one without which the rest means nothing. They
tell classes of trouble, never a part of an answer.
"""

import hashlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from cryptography import x509

from bridge.errors import BridgeError, PbxAddressForbidden, PbxProtocol
from bridge.model.pbx import PbxEntry, TlsMode
from bridge.service.ports import Check, CheckStatus
from bridge.starface import rest
from bridge.starface.dialogue import PATH
from bridge.starface.errors import TlsFailed
from bridge.starface.net import Answer, Form, Wire
from bridge.starface.sign_in import open_version
from bridge.starface.wire import WireError, decode_answer

FEW_DAYS: Final = 21
MOST_SKEW_S: Final = 60


async def check_pbx(wire: Wire, pbx: PbxEntry, now: datetime) -> tuple[Check, ...]:
    """Give the checks name, address, connection, tls, certificate, starface, clock, version and rest, as far as they go.

    Facts are numbers: of addresses, of days a certificate is still valid, of seconds a clock is off; and the PBX's version.
    """
    checks = await _named(wire, pbx)
    if checks[-1].status is CheckStatus.FAIL:
        return checks
    answer, reached = await _reached(wire, pbx, now)
    checks += reached
    if answer is None:
        return checks
    checks += (_is_starface(answer), *_clock(answer, now))
    if any(check.status is CheckStatus.FAIL for check in checks):
        return checks
    return (*checks, *await _told(wire, pbx))


async def _named(wire: Wire, pbx: PbxEntry) -> tuple[Check, ...]:
    try:
        addresses = await wire.admit(pbx.host, pbx.port)
    except PbxAddressForbidden:
        return (Check("address", CheckStatus.FAIL),)
    except BridgeError:
        return (Check("name", CheckStatus.FAIL),)
    return (Check("name", CheckStatus.PASS, str(len(addresses))), Check("address", CheckStatus.PASS))


async def _reached(wire: Wire, pbx: PbxEntry, now: datetime) -> tuple[Answer | None, tuple[Check, ...]]:
    """Make the request that a STARFACE answers in its own way, and tell what stood in its way."""
    connected = Check("connection", CheckStatus.PASS)
    certificate = await _certificate(wire, pbx, now)
    try:
        answer = await wire.send(pbx, "POST", PATH, Form())
    except TlsFailed:
        return None, (connected, Check("tls", CheckStatus.FAIL), *certificate)
    except PbxProtocol:
        return None, (connected, Check("starface", CheckStatus.FAIL))
    except BridgeError:
        return None, (Check("connection", CheckStatus.FAIL),)
    return answer, (connected, Check("tls", _tls_grade(pbx)), *certificate)


def _tls_grade(pbx: PbxEntry) -> CheckStatus:
    return CheckStatus.WARN if pbx.tls is TlsMode.OFF else CheckStatus.PASS


async def _certificate(wire: Wire, pbx: PbxEntry, now: datetime) -> tuple[Check, ...]:
    if pbx.tls is TlsMode.OFF:
        return ()
    try:
        shown = await wire.certificate(pbx)
        ends_at = x509.load_der_x509_certificate(shown).not_valid_after_utc
    except (BridgeError, ValueError):  # that the line fails is told by the request itself
        return ()
    days = (ends_at - now).days
    fits = pbx.tls is not TlsMode.PINNED or hashlib.sha256(shown).hexdigest() == pbx.certificate_sha256
    if not fits:
        return (Check("certificate", CheckStatus.FAIL),)
    # A pinned certificate is trusted for itself, whatever its dates.
    grade = CheckStatus.PASS if days >= FEW_DAYS else CheckStatus.WARN
    return (Check("certificate", grade, str(days)),)


def _is_starface(answer: Answer) -> Check:
    known = answer.status == 400
    if answer.status == 200:
        try:
            decode_answer(answer.body)
            known = True
        except WireError:
            known = False
    return Check("starface", CheckStatus.PASS if known else CheckStatus.FAIL)


def _clock(answer: Answer, now: datetime) -> tuple[Check, ...]:
    try:
        told = parsedate_to_datetime(answer.date)
    except ValueError:
        return ()
    skew = round(abs((told.replace(tzinfo=told.tzinfo or UTC) - now).total_seconds()))
    return (Check("clock", CheckStatus.PASS if skew <= MOST_SKEW_S else CheckStatus.WARN, str(skew)),)


async def _told(wire: Wire, pbx: PbxEntry) -> tuple[Check, ...]:
    try:
        version, login_type = await open_version(wire, pbx), await rest.login_type(wire, pbx)
    except BridgeError:
        version, login_type = "", ""
    return (
        Check("version", CheckStatus.PASS if version else CheckStatus.WARN, version),
        Check("rest", CheckStatus.PASS if login_type else CheckStatus.WARN),
    )
