"""JSON models of the REST interface (UCI reference, sections 9, 12 and 15.1)."""

from typing import Any

from infra.simulator.starface.numbers import format_number
from infra.simulator.starface.population import Contact, DestinationType, Phone, Redirect, RedirectType, User
from infra.simulator.starface.switches import NumberFormat

Json = dict[str, Any]

_SUMMARY = ("NAME", "SURNAME", "COMPANY")
_NUMBERS = ("OFFICE_PHONE_NUMBER", "MOBILE_PHONE_NUMBER")


def user_row(user: User) -> Json:
    """`User`; the password is never told."""
    return {
        "id": user.account_id,
        "login": user.login,
        "firstName": user.first_name,
        "familyName": user.last_name,
        "email": user.email,
        "language": "de",
        "namespace": "",
        "personId": str(user.account_id),
        "faxCallerId": "",
        "faxHeader": "",
        "faxCoverPage": False,
        "faxEmailJournal": False,
        "missedCallReport": False,
    }


def phone_config(user: User) -> Json:
    """`PhoneConfig`; ids are integers here."""
    primary = user.phone(user.primary_phone)
    return {
        "primaryPhoneId": primary.rest_id if primary else 0,
        "displayNumberId": user.display_number,
        "callWaiting": user.call_waiting,
        "doNotDisturb": user.dnd,
    }


def phone_row(phone: Phone, user: User) -> Json:
    """`PhoneAssignment`; `phoneName` is the id that UCI uses."""
    return {
        "phoneId": phone.rest_id,
        "phoneName": phone.id,
        "userId": user.account_id,
        "active": phone.registered,
        "isIFMC": False,
    }


def redirect_row(rule: Redirect, form: NumberFormat) -> Json:
    """`Redirection`; a mailbox is called MAILBOX here and VOICEMAIL in UCI."""
    to_mailbox = rule.destination_type is DestinationType.VOICEMAIL
    trigger: Json = {"redirectTriggerType": rule.type.value}
    if rule.type is RedirectType.TIMEOUT:
        trigger["timeout"] = rule.timeout
    destination = (
        {"redirectDestinationType": "MAILBOX", "mailboxId": rule.destination}
        if to_mailbox
        else {"redirectDestinationType": "PHONENUMBER", "phoneNumber": format_number(rule.destination, form)}
    )
    return {
        "id": rule.id,
        "phoneNumber": format_number(rule.called_number, form),
        "groupNumber": bool(rule.group_id),
        "enabled": rule.enabled,
        "redirectTrigger": trigger,
        "redirectDestination": destination,
        "lastMailboxDestination": rule.last_mailbox,
        "lastPhoneNumberDestination": format_number(rule.last_number, form),
    }


def contact_schema() -> Json:
    """The blocks with which the value arrays of a contact line up."""
    return {
        "summaryBlockSchema": _block("summary", _SUMMARY),
        "phoneNumbersBlockSchema": _block("phonenumbers", _NUMBERS),
    }


def contact_row(contact: Contact, form: NumberFormat) -> Json:
    """A contact in a list."""
    return {
        "id": contact.id,
        "summaryValues": [contact.first_name, contact.last_name, contact.company],
        "phoneNumberValues": [format_number(each, form) for each in contact.numbers],
        "additionalValues": {},
    }


def contact_details(contact: Contact, form: NumberFormat) -> Json:
    """`Contact` with all its blocks."""
    row = contact_row(contact, form)
    return {
        "id": contact.id,
        "tags": [{"id": contact.tag, "name": contact.tag, "alias": contact.tag, "owner": ""}],
        "blocks": [
            _block("summary", _SUMMARY, row["summaryValues"]),
            _block("phonenumbers", _NUMBERS, row["phoneNumberValues"]),
            _block("contact", ("EMAIL",), [contact.email]),
        ],
        "editable": False,
        "accountId": 0,
        "jabberId": "",
        "primaryInternalNumber": "",
        "primaryExternalNumber": format_number(contact.numbers[0], form),
    }


def _block(name: str, keys: tuple[str, ...], values: list[str] | None = None) -> Json:
    filled = values or [""] * len(keys)
    attributes = [
        {"name": key.lower(), "displayKey": key, "i18nDisplayName": key.title(), "value": value, "additionalValues": {}}
        for key, value in zip(keys, filled, strict=True)
    ]
    return {"name": name, "resourceKey": f"contact.{name}", "attributes": attributes}
