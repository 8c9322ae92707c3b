"""A bot of a few lines that speaks the channel's protocol by itself, to try the shell's chat without the product."""

from __future__ import annotations

from typing import Any

import aiohttp
from aiohttp import web

from infra.simulator.microsoft import MicrosoftSimulator

CARD_TYPE = "application/vnd.microsoft.card.adaptive"


def call_card(state: str, *actions: dict[str, Any]) -> dict[str, Any]:
    """A card in the style of the product's call card."""
    return {
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": [
            {"type": "TextBlock", "text": state, "weight": "bolder", "size": "medium", "wrap": True},
            {"type": "FactSet", "facts": [{"title": "Nummer", "value": "+49 30 23125 777"}]},
        ],
        "actions": list(actions),
    }


EXECUTE = {
    "type": "Action.Execute",
    "title": "Auflegen",
    "verb": "hangup",
    "data": {"callId": "7"},
    "style": "destructive",
}
DIALOG = {
    "type": "Action.Submit",
    "title": "Anmelden",
    "style": "positive",
    "data": {"msteams": {"type": "task/fetch"}, "page": "sign-in"},
}
PLAIN = {"type": "Action.Submit", "title": "Merken", "data": {"remember": True}}
LINK = {"type": "Action.OpenUrl", "title": "Öffnen", "url": "https://teams.microsoft.com/l/call/0/0?users=4:%2B49721"}


class TinyBot:
    """Answers a few words and every kind of click. `seen` holds the activities in the order in which they came."""

    def __init__(self, ms: MicrosoftSimulator) -> None:
        self.ms = ms
        self.seen: list[dict[str, Any]] = []
        self.origin = ""
        self.failing = False

    def invokes(self, name: str) -> list[dict[str, Any]]:
        return [a for a in self.seen if a.get("name") == name]

    async def handle(self, request: web.Request) -> web.Response:
        activity = await request.json()
        self.seen.append(activity)
        if activity["type"] == "invoke" and self.failing:
            return web.Response(status=500)
        if activity["type"] == "invoke":
            return self.answer_invoke(activity)
        if activity["type"] == "message":
            await self.answer_message(activity)
        return web.Response(status=200)

    def answer_invoke(self, activity: dict[str, Any]) -> web.Response:
        if activity["name"] == "adaptiveCard/action":
            body: dict[str, Any] = {"statusCode": 200, "type": CARD_TYPE, "value": call_card("Anruf beendet")}
        elif activity["name"] == "task/fetch":
            page = {
                "url": f"{self.origin}/tab/dialog.html",
                "title": "Anmelden bei STARFACE",
                "width": 420,
                "height": 260,
            }
            body = {"task": {"type": "continue", "value": page}}
        else:
            body = {"task": {"type": "message", "value": f"Gewählt: {activity['value']['data']['chosen']}"}}
        return web.json_response(body)

    async def answer_message(self, activity: dict[str, Any]) -> None:
        text = activity.get("text", "")
        if "value" in activity:
            await self.send(activity, {"type": "message", "text": f"gemerkt: {activity['value']}"})
        elif text == "broken":
            raise web.HTTPInternalServerError
        elif text == "typing":
            await self.send(activity, {"type": "typing"})
        elif text == "card":
            await self.send(activity, card_message(call_card("Max Müller ruft an", EXECUTE, DIALOG, PLAIN, LINK)))
        elif text == "edit":
            sent = await self.send(activity, {"type": "message", "text": "ruft an …"})
            await self.send(activity, {"type": "message", "text": "verpasst"}, edit=sent)
        elif text == "new card":
            await self.send(activity, card_message({**call_card("x"), "version": "1.6", "fallbackText": "zu neu"}))
        else:
            chips = [{"type": "imBack", "title": t, "value": t} for t in ("help", "card")]
            answer = {"type": "message", "text": f"**Sie schrieben:** {text}", "suggestedActions": {"actions": chips}}
            await self.send(activity, answer)

    async def send(self, to: dict[str, Any], activity: dict[str, Any], edit: str | None = None) -> str:
        settings = self.ms.settings
        form = {
            "grant_type": "client_credentials",
            "client_id": settings.app_id,
            "client_secret": settings.app_secret,
            "scope": "https://api.botframework.com/.default",
        }
        url = f"{to['serviceUrl']}v3/conversations/{to['conversation']['id']}/activities"
        async with aiohttp.ClientSession() as http:
            async with http.post(f"{self.ms.base_url}/{settings.home_tenant}/oauth2/v2.0/token", data=form) as answer:
                token = (await answer.json())["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            method, address = ("PUT", f"{url}/{edit}") if edit else ("POST", url)
            async with http.request(method, address, json=activity, headers=headers) as answer:
                assert answer.status < 300, await answer.text()
                return str((await answer.json())["id"])


def card_message(card: dict[str, Any]) -> dict[str, Any]:
    return {"type": "message", "attachments": [{"contentType": CARD_TYPE, "content": card}]}
