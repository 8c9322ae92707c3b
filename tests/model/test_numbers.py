"""Numbers as people write them, as the PBX writes them, as it expects them to be dialled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BadRequest
from bridge.model.numbers import canonical, country_of, dial_string, shortened


@pytest.mark.parametrize(
    ("written", "country", "dialled"),
    [
        ("+49 711 4605430", "DE", "00497114605430"),
        ("+49 (0) 711 4605430", "DE", "00497114605430"),
        ("0049-711-4605430", "DE", "00497114605430"),
        ("0711/460543-0", "DE", "00497114605430"),
        ("(0711) 460 543 0", "DE", "00497114605430"),
        ("tel:+497114605430", "DE", "00497114605430"),
        ("\u202a+49 711 4605430\u202c", "DE", "00497114605430"),
        ("0171 1234567", "DE", "00491711234567"),
        ("44 668 18 00", "CH", "446681800"),
        ("044 668 18 00", "CH", "0041446681800"),
        ("06 1234567", "IT", "0039061234567"),
        ("650 253 0000", "US", "0016502530000"),
        ("0800 3301000", "DE", "08003301000"),
        ("+41 800 123456", "DE", "0041800123456"),
        ("22", "DE", "22"),
        ("112", "DE", "112"),
        ("110", "DE", "110"),
        ("4605430", "DE", "4605430"),
        ("*9 222", "DE", "*9222"),
        ("#31#", "DE", "#31#"),
    ],
)
def test_dial_string(written: str, country: str, dialled: str) -> None:
    assert dial_string(written, country) == dialled


@pytest.mark.parametrize(
    "written", ["", " ", "hello", "<script>", "+", "++49", "anna@example.org", "9" * 65, "٠٧١١", "a" * 500]
)
def test_what_holds_no_number_is_refused(written: str) -> None:
    with pytest.raises(BadRequest):
        dial_string(written, "DE")


@given(st.text(max_size=80), st.sampled_from(["DE", "AT", "CH", "US", "IT", "XX"]))
def test_any_text_is_either_dialled_as_digits_or_refused(written: str, country: str) -> None:
    try:
        dialled = dial_string(written, country)
    except BadRequest:
        return
    assert dialled
    assert set(dialled) <= set("0123456789*#")


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("00497114605430", "+497114605430"),
        ("22", "22"),
        ("", ""),
        ("+49711", "+49711"),
        ("anonymous", "anonymous"),
        ("0012", "0012"),
    ],
)
def test_canonical(number: str, shown: str) -> None:
    assert canonical(number) == shown


def test_the_country_of_a_number() -> None:
    assert country_of("00497114605430") == "DE"
    assert country_of("0041446681800") == "CH"
    assert country_of("22") is None
    assert country_of("0711460543") is None


def test_a_shortened_number_hides_the_person() -> None:
    assert shortened("00497114605430") == "+49…30"
    assert shortened("22") == "…"
