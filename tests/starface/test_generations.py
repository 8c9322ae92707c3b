"""What a generation, a PBX or a person lacks."""

import uuid

import pytest

from bridge.errors import NotOffered, PbxFault, PbxPermission
from bridge.model.ids import CallId, PhoneId
from bridge.model.pbx import UcpVersion
from bridge.starface.methods import wire_name
from tests.starface.conftest import Bench, BenchMaker

CUSTOMER = "+493023125800"
NEVER_ANSWERS = "+493023125803"
DESK, APP = PhoneId("SIP/0001-desk"), PhoneId("SIP/0001-app")
SPELLINGS = ["short", "long"]


def fresh() -> CallId:
    return CallId(str(uuid.uuid4()))


async def test_what_a_generation_lacks_is_said_and_not_asked_for(bench: Bench) -> None:
    old, middle = await bench.line(ucp=UcpVersion.V20), await bench.line(ucp=UcpVersion.V22)
    asked = len(bench.pbx.recorder.requests)
    for lacking in (old.hold(fresh()), old.user_state(), old.history(), old.lamps(), old.mailboxes(), old.groups()):
        with pytest.raises(NotOffered):
            await lacking
    for lacking in (middle.hold(fresh()), middle.forward(fresh(), "1"), middle.conference([fresh()], None)):
        with pytest.raises(NotOffered):
            await lacking
    assert len(bench.pbx.recorder.requests) == asked


async def test_what_a_pbx_lacks_is_a_fault_of_its_own_class(bench: Bench) -> None:
    line = await bench.line()
    for unknown in ("fault_5", "fault_0"):
        bench.pbx.set(unknown_method=unknown)
        with pytest.raises(NotOffered):
            await line.voicemail.call_message_with_number("m", "1")
        with pytest.raises(PbxFault) as caught:
            await line._dialogue.ask("call.noSuchRequest")
        assert type(caught.value).__name__ == "UnknownMethod"


async def test_a_missing_right_is_said(bench: Bench) -> None:
    line = await bench.line()
    bench.pbx.pbx.set_right("0001", "redirection", granted=False)
    with pytest.raises(PbxPermission):
        await line.redirects()


def test_the_table_of_names() -> None:
    assert wire_name("connection.keepAlive", UcpVersion.V20) == "ucp.v20.server.connection.probe"
    assert wire_name("connection.keepAlive", UcpVersion.V22) == "ucp.v22.requests.connection.keepAlive"
    assert (
        wire_name("functionKey.getALLFunctionKeys", UcpVersion.V30) == "ucp.v30.requests.functionKey.getALLFunctionKeys"
    )


@pytest.mark.parametrize("void_result", ["empty_string", "nil", "true", "missing"])
@pytest.mark.parametrize("content_type", ["text/xml;charset=UTF-8", "application/xml", "none"])
async def test_results_of_void_and_content_types_do_not_matter(
    bench_of: BenchMaker, void_result: str, content_type: str
) -> None:
    bench = await bench_of(switches={"void_result": void_result, "content_type": content_type, "cookies": False})
    line, call = await bench.line(), fresh()
    await line.set_dnd(enabled=True)
    await line.set_primary_phone(APP)
    await line.place_call(CUSTOMER, None, call)
    await line.hang_up(call)
    await line.log_out()
    assert await line.keep_alive() is False
