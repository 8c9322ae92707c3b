"""The shell speaks the host protocol to the unmodified teams-js."""

from __future__ import annotations

import asyncio
import json

import jwt
import pytest
from playwright.async_api import expect

from tests.simulator.shell.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def context_of(stage: Stage) -> dict[str, dict[str, object]]:
    """What teams-js made of the host's context."""
    return json.loads(await stage.shown("context").text_content() or "{}")


async def test_the_tab_starts_and_sees_person_language_and_device(stage: Stage) -> None:
    await stage.open(user="jonas.weber@sonnental.example", client="desktop")
    context = await context_of(stage)
    jonas = stage.ms.user("jonas.weber")
    assert context["user"]["id"] == jonas.id
    assert context["user"]["tenant"] == {"id": jonas.tenant.id}
    assert context["user"]["userPrincipalName"] == jonas.principal_name
    assert (context["app"]["locale"], context["app"]["theme"]) == ("de-de", "default")
    assert context["app"]["host"]["clientType"] == "desktop"  # type: ignore[index]  # JSON of a known shape
    assert (context["page"]["id"], context["page"]["frameContext"]) == ("phone", "content")
    assert await stage.shown("supports").text_content() == '{"dialog":true,"call":true}'
    await expect(stage.page.locator(".cover")).to_be_hidden()


async def test_a_theme_change_reaches_the_running_tab(stage: Stage) -> None:
    await stage.open()
    await stage.shown("get-token").click()
    await expect(stage.shown("token")).not_to_be_empty()
    await stage.page.locator("select[name=theme]").select_option("dark")
    await expect(stage.shown("theme")).to_have_text("dark")
    await expect(stage.shown("token")).not_to_be_empty()  # the tab was told, not loaded again
    await stage.page.locator("select[name=theme]").select_option("contrast")
    await expect(stage.shown("theme")).to_have_text("contrast")


async def test_another_person_or_language_loads_the_tab_again(stage: Stage) -> None:
    await stage.open()
    await stage.page.locator("select[name=user]").select_option(label="Henrik Petersen")
    henrik = stage.ms.user("henrik.petersen")
    await expect(stage.shown("context")).to_contain_text(henrik.id)
    await stage.page.locator("select[name=locale]").select_option("en-us")
    await expect(stage.shown("context")).to_contain_text('"locale":"en-us"')
    await expect(stage.page.locator(".badge .long")).to_have_text("Simulation – not the real Microsoft Teams")
    assert (await context_of(stage))["user"]["id"] == henrik.id


async def test_the_token_is_the_persons_own(stage: Stage) -> None:
    await stage.open()
    await stage.shown("get-token").click()
    await expect(stage.shown("token")).to_contain_text(".")
    token = await stage.shown("token").text_content() or ""
    claims = jwt.decode(token, options={"verify_signature": False})
    anna = stage.ms.user("anna.schmidt")
    assert (claims["oid"], claims["tid"], claims["aud"]) == (anna.id, anna.tenant.id, stage.ms.settings.app_id)


async def test_a_refused_token_gives_its_reason(stage: Stage) -> None:
    await stage.open(tokenError="consent_required")
    await stage.shown("get-token").click()
    await expect(stage.shown("token")).to_have_text("refused: consent_required")


async def test_a_dialog_gives_its_result_to_the_tab(stage: Stage) -> None:
    await stage.open()
    await stage.shown("open-dialog").click()
    await expect(stage.dialog.locator("#frame")).to_have_text("task")
    await expect(stage.page.locator(".dialog h2")).to_have_text("A dialog")
    await stage.dialog.locator("#done").click()
    await expect(stage.shown("dialog")).to_have_text('{"err":null,"result":{"chosen":42}}')
    await expect(stage.page.locator(".dialog")).to_have_count(0)


async def test_a_dialog_closed_by_the_person_is_reported_as_such(stage: Stage) -> None:
    await stage.open()
    await stage.shown("open-dialog").click()
    await expect(stage.dialog.locator("#frame")).to_have_text("task")
    await stage.page.locator(".dialog button").press("Escape")
    await expect(stage.shown("dialog")).to_contain_text("User cancelled")
    await expect(stage.page.locator(".dialog")).to_have_count(0)


async def test_a_sign_in_window_gives_its_code_to_the_tab(stage: Stage) -> None:
    await stage.open()
    # teams-js itself refuses addresses without TLS, so the request is posted as it would post it
    answer = await stage.tab.locator("body").evaluate(
        """() => new Promise((resolve) => {
          window.addEventListener('message', ({ data }) => data.id === 7001 && resolve(data.args));
          const args = [`${location.origin}/tab/signin.html`, 400, 300, false];
          parent.postMessage({ id: 7001, func: 'authentication.authenticate', args }, location.origin);
        })"""
    )
    assert answer == [True, "opaque-code"]


async def test_a_sign_in_window_that_is_closed_counts_as_cancelled(stage: Stage) -> None:
    await stage.open()
    async with stage.page.expect_popup() as opened:
        answer = stage.tab.locator("body").evaluate(
            """() => new Promise((resolve) => {
              window.addEventListener('message', ({ data }) => data.id === 7002 && resolve(data.args));
              const args = [`${location.origin}/tab/tab.css`, 400, 300, false];
              parent.postMessage({ id: 7002, func: 'authentication.authenticate', args }, location.origin);
            })"""
        )
        waiting = asyncio.ensure_future(answer)
    await (await opened.value).close()
    assert await waiting == [False, "CancelledByUser"]


async def test_calls_and_links_go_where_teams_would_take_them(stage: Stage) -> None:
    await stage.open()
    await stage.shown("start-call").click()
    await expect(stage.shown("call")).to_have_text("started")
    await expect(stage.page.locator(".toast")).to_contain_text("Teams würde jetzt anrufen: +4972112345")
    await stage.shown("open-link").click()
    await expect(stage.shown("context")).to_contain_text('"subPageId":"settings"')


async def test_a_tab_that_says_nothing_is_covered_and_can_be_loaded_again(stage: Stage) -> None:
    await stage.page.route("**/tab/tab.js", lambda route: route.abort())
    await stage.page.clock.install()
    await stage.page.goto(f"{stage.origin}/?locale=de-de")
    await expect(stage.page.locator(".cover")).to_contain_text("wird geladen")
    await stage.page.clock.fast_forward(31_000)
    await expect(stage.page.locator(".cover")).to_contain_text("Die App hat sich nicht gemeldet")
    await stage.page.unroute("**/tab/tab.js")
    await stage.page.locator(".cover button").click()
    await expect(stage.page.locator(".cover")).to_be_hidden()
    stage.complaints = [
        text for text in stage.complaints if "ERR_FAILED" not in text and "signal timed out" not in text
    ]


async def test_a_stranger_frame_gets_no_answer(stage: Stage) -> None:
    await stage.open()
    answered = await stage.page.evaluate(
        """() => new Promise((resolve) => {
          const frame = document.createElement('iframe');
          frame.src = '/tab/signin.html?' + Math.random();
          window.addEventListener('stranger', () => resolve('answered'));
          frame.onload = () => {
            frame.contentWindow.addEventListener('message', () => resolve('answered'));
            frame.contentWindow.eval("parent.postMessage({id: 1, func: 'authentication.getAuthToken', args: []}, '*')");
            setTimeout(() => resolve('silence'), 150);
          };
          document.body.append(frame);
        })"""
    )
    assert answered == "silence"
