"""Which redirects decide about calls."""

from dataclasses import replace

from bridge.model.redirects import in_force
from bridge.model.telephony import Redirect

OWN = Redirect(
    id="a", number="10", group=False, trigger="always", enabled=False, to="number", target="+4930", timeout=0
)
BUSY = replace(OWN, id="b", trigger="busy", enabled=True)
LATER = replace(OWN, id="t", trigger="timeout", enabled=True, timeout=20)


def test_without_a_redirect_of_everything_the_others_decide() -> None:
    assert [rule.id for rule in in_force((LATER, OWN, BUSY))] == ["b", "t"]


def test_a_redirect_of_everything_leaves_nothing_to_the_others_of_its_number() -> None:
    other = replace(LATER, id="o", number="+493023125001")
    assert [rule.id for rule in in_force((LATER, replace(OWN, enabled=True), BUSY, other))] == ["o", "a"]


def test_nothing_is_in_force() -> None:
    assert in_force((OWN,)) == ()
