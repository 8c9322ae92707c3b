"""The bot understands each command that the package offers, in each language: a person only clicks on it."""

import pytest

from bot.commands import Want, read_command
from manifest.composition import texts

PATH = "bots[0].commandLists[0].commands[{}].title"
WANTED = [
    Want.HELP,
    Want.SIGN_IN,
    Want.SIGN_OUT,
    Want.STATUS,
    Want.CALL_WHOM,
    Want.CALLS,
    Want.HANG_UP,
    Want.MISSED,
    Want.DND,
    Want.REACHABLE,
]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("number", "want"), list(enumerate(WANTED)))
def test_a_command_of_the_list_is_understood(language: str, number: int, want: Want) -> None:
    assert read_command(texts(language)[PATH.format(number)]).want is want


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_example_of_the_call_command_calls(language: str) -> None:
    description = texts(language)[PATH.format(4).replace("title", "description")]
    intent = read_command(description.partition(": ")[2])
    assert (intent.want, intent.number.replace(" ", "")) == (Want.CALL, "+497211234567")


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_example_of_do_not_disturb_names_a_time(language: str) -> None:
    intent = read_command(texts(language)[PATH.format(8).replace("title", "description")].partition(": ")[2])
    assert (intent.want, intent.until is not None and intent.until.hour) == (Want.DND, 15)
