"""What administrators see of their tenant: how many are signed in, links for rolling out."""

import uuid

from infra.simulator.microsoft.population import ANNA, HENRIK, JONAS
from manifest.order import read_order
from tab.administration import rollout
from tests.harness import World


async def test_how_many_are_signed_in_and_never_who(one: World) -> None:
    anna, jonas = one.person(), one.person(JONAS)
    assert (await anna.ask("GET", "/admin/pbxs/demo/usage")).body == {"signedIn": 0}
    await anna.sign_in()
    await jonas.sign_in("0002")
    assert (await anna.ask("GET", "/admin/pbxs/demo/usage")).body == {"signedIn": 2}
    await jonas.ask("DELETE", "/session")
    assert (await anna.ask("GET", "/admin/pbxs/demo/usage")).body == {"signedIn": 1}


async def test_who_moved_to_another_pbx_counts_there(one: World) -> None:
    await one.map_pbx(name="second", primary=False)
    anna = one.person()
    await anna.sign_in()
    await anna.sign_in(pbx="second")
    assert (await anna.ask("GET", "/admin/pbxs/demo/usage")).body == {"signedIn": 0}
    assert (await anna.ask("GET", "/admin/pbxs/second/usage")).body == {"signedIn": 1}


async def test_only_administrators_of_the_tenant_may_ask(one: World) -> None:
    jonas, henrik = one.person(JONAS), one.person(HENRIK)
    for path in ("/admin/pbxs/demo/usage", "/admin/rollout"):
        assert (await jonas.ask("GET", path)).code == "not_admin"
    assert (await henrik.ask("GET", "/admin/pbxs/demo/usage")).code == "not_found"
    anna = one.person()
    assert (await anna.ask("GET", "/admin/pbxs/none/usage")).code == "not_found"
    answers = [await anna.ask("GET", "/admin/pbxs/demo/usage") for _ in range(31)]
    assert answers[-1].code == "too_many_attempts"


async def test_links_for_rolling_out_lead_to_the_packed_app(one: World) -> None:
    answer = await one.person(ANNA).ask("GET", "/admin/rollout")
    bot = one.environment["MICROSOFT_APP_ID"]
    order = read_order({"PUBLIC_URL": "https://phone.example.org", "MICROSOFT_APP_ID": bot}, "1.0.0")
    assert answer.body["appId"] == order.package_id
    assert answer.body["appLink"] == f"https://teams.microsoft.com/l/app/{order.package_id}"
    assert answer.body["tabLink"].endswith(f"/l/entity/{order.package_id}/phone")
    assert answer.body["chatLink"].endswith(f"users=28:{bot}")


async def test_an_app_that_the_catalogue_lists_under_another_id(one: World) -> None:
    listed = str(uuid.uuid4())
    answer = await one.person().ask("GET", f"/admin/rollout?appId={listed.upper()}")
    assert answer.body["appLink"].endswith(f"/l/app/{listed}")
    assert rollout(one.environment["MICROSOFT_APP_ID"], listed).app_id == listed
    assert (await one.person().ask("GET", "/admin/rollout?appId=..%2Fother")).code == "bad_request"
