"""The way into the address book: opened at a sign-in while the password is there, never at the sign-in's expense."""

import pytest

from bridge.errors import NotOffered, PbxPermission, PbxTrouble
from bridge.model.pbx import TokenForm
from infra.simulator.starface import DirectoryMode
from tests.starface.conftest import LOGIN, Bench, BenchMaker


@pytest.mark.parametrize("mode", list(DirectoryMode))
async def test_a_sign_in_opens_the_address_book(bench_of: BenchMaker, mode: DirectoryMode) -> None:
    bench = await bench_of(directory_mode=mode)
    access = (await bench.sign_in()).access
    assert access.rest_token is not None
    assert access.rest_token.reveal() not in repr(access)
    found = await bench.raw_line(access).contacts("gmbh", limit=2)
    assert len(found) == 2
    assert all(contact.name and contact.numbers for contact in found)


async def test_an_access_token_opens_it_without_another_login(bench_of: BenchMaker) -> None:
    bench = await bench_of(version="10.0.0.4", switches={"external_identity_provider": True})
    access = (await bench.sign_in()).access
    assert (access.form, access.rest_token) == (TokenForm.JWT, None)
    assert await bench.raw_line(access).contacts("gmbh")


@pytest.mark.parametrize("fault", ["http_500", "html", "reset", "half_body", "redirect"])
async def test_a_failing_rest_login_is_no_failing_sign_in(bench: Bench, fault: str) -> None:
    bench.pbx.misbehave(fault, "POST /rest/login")
    access = (await bench.sign_in()).access
    assert access.rest_token is None
    with pytest.raises(NotOffered):
        await bench.raw_line(access).contacts("gmbh")
    assert await bench.raw_line(access).keep_alive()


async def test_a_rest_session_that_ended_is_no_end_of_the_sign_in(bench: Bench) -> None:
    line = await bench.line()
    bench.pbx.advance(4 * 3600 + 1)
    with pytest.raises(NotOffered):
        await line.contacts("gmbh")


async def test_a_missing_right_and_an_outage_are_told_apart(bench: Bench) -> None:
    line = await bench.line()
    bench.pbx.misbehave("http_503", "GET /rest/contacts", times=1)
    with pytest.raises(PbxTrouble):
        await line.contacts("gmbh")
    bench.pbx.pbx.set_right(LOGIN, "addressbook", granted=False)
    with pytest.raises(PbxPermission):
        await line.contacts("gmbh")


async def test_signing_out_closes_it(bench: Bench) -> None:
    line = await bench.line()
    await line.log_out()
    with pytest.raises(NotOffered):
        await line.contacts("gmbh")
