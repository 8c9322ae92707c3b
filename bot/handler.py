"""An activity becomes a command, its outcome an answer: the Bot SDK's handler with our own dispatch of invokes."""

import asyncio
from datetime import timedelta

from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.core.teams import TeamsActivityHandler
from botbuilder.schema import Activity, ChannelAccount

from bot.activities import CARD, Outgoing, message, to_json
from bot.answers import ASKING_NOBODY, Answers, Reply, Turn
from bot.call_clicks import CallClicks, Click, is_of_call
from bot.caller import Caller, caller_of
from bot.cards import Cards
from bot.clicks import DIAL, Clicks
from bot.commands import read_command
from bot.connector import Connector, DeliveryFailed, WritesBlocked
from bot.conversations import Conversations, Subject
from bot.desk import Desk
from bot.dialogs import Dialogs, in_form_of, toast
from bot.elements import Json
from bot.extension import Extension
from bot.lanes import Lanes
from bot.notices import ChatNotices
from bot.turns import Turns
from bridge.errors import BridgeError
from bridge.logs import logger
from bridge.model.ids import UserKey
from bridge.model.messages import SignOut
from bridge.service.outbox import Address
from bridge.service.ports import Once

WELCOMED_FOR = timedelta(hours=24)
"""Teams tells an installation twice and repeats both; one that is older than this is a new one."""
_log = logger(__name__)


class ChatHandler(TeamsActivityHandler):
    """Turns of the personal chat. Elsewhere the bot only says where it works."""

    def __init__(
        self,
        *,
        answers: Answers,
        clicks: Clicks,
        call_clicks: CallClicks,
        notices: ChatNotices,
        dialogs: Dialogs,
        extension: Extension,
        turns: Turns,
        desk: Desk,
        conversations: Conversations,
        once: Once,
        subject: Subject,
        connector: Connector,
        lanes: Lanes,
    ) -> None:
        super().__init__()
        self._answers = answers
        self._clicks = clicks
        self._call_clicks = call_clicks
        self._notices = notices
        self._dialogs = dialogs
        self._extension = extension
        self._turns = turns
        self._desk = desk
        self._conversations = conversations
        self._once = once
        self._subject = subject
        self._connector = connector
        self._lanes = lanes

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """A typed line, or a button of a card without Universal Actions."""
        activity = turn_context.activity
        caller, turn = await self._turns.of(activity)
        if not caller.is_personal:
            await turn_context.send_activity(message(turn.say("personal-only")))
            return
        await self._remember(caller.user, activity)
        if isinstance(activity.value, dict) and not activity.text:
            await self._submitted(turn_context, caller, turn, activity.value)
            return
        intent = read_command(activity.text)
        typing = _nothing() if intent.want in ASKING_NOBODY else self._show_typing(turn_context)
        reply, _ = await asyncio.gather(self._answers.answer(intent, turn, activity.text or ""), typing)
        await self._send(turn_context, caller, reply)

    async def on_conversation_update_activity(self, turn_context: TurnContext) -> None:
        """Somebody was added or removed; only the bot itself matters."""
        activity = turn_context.activity
        if _names_bot(activity, activity.members_removed):
            await self._uninstalled(caller_of(activity))
        elif _names_bot(activity, activity.members_added):
            await self._welcome(turn_context)

    async def on_installation_update(self, turn_context: TurnContext) -> None:
        """The app was added or removed; upgrades are neither."""
        if turn_context.activity.action == "remove":
            await self._uninstalled(caller_of(turn_context.activity))
        elif turn_context.activity.action == "add":
            await self._welcome(turn_context)

    async def on_invoke_activity(self, turn_context: TurnContext) -> InvokeResponse:
        """A click or a dialog, answered with the response to the request itself."""
        activity = turn_context.activity
        caller, turn = await self._turns.of(activity)
        body = await self._answered(activity, caller, turn)
        if body is None:
            text = turn.say("click-unknown")
            return InvokeResponse(status=400, body={"error": {"code": "NotSupported", "message": text}})
        return InvokeResponse(status=200, body=body)

    async def _answered(self, activity: Activity, caller: Caller, turn: Turn) -> Json | None:
        """Give the answer to an invoke; ``None`` for a name that is none of ours."""
        name, value = activity.name or "", activity.value
        if name == "adaptiveCard/action":
            return await self._executed(activity, caller, turn)
        if name == "task/fetch":
            return self._dialogs.fetch(value, turn.cards)
        if name == "task/submit":
            return await self._dialogs.closed(self._desk, turn.user, turn.cards)
        answer = self._extension.table.get(name)
        return await answer(value, turn) if answer is not None else None

    async def on_failure(self, turn_context: TurnContext, error: Exception) -> None:
        """Say that it went wrong, unless saying things is what went wrong."""
        activity = turn_context.activity
        if isinstance(error, WritesBlocked):
            await self._conversations.forget(caller_of(activity).user)
            return
        if isinstance(error, DeliveryFailed):
            _log.warning("answer_not_delivered", status=error.status)
            return
        _log.error("turn_failed", error=type(error).__name__, exc_info=error)
        text = self._answers.cards(activity.locale or "").say("failed")
        if activity.type == "invoke":
            response = InvokeResponse(status=200, body=in_form_of(activity.name or "", text))
            await turn_context.send_activity(Activity(type="invokeResponse", value=response))
        else:
            await turn_context.send_activity(message(text))

    async def _executed(self, activity: Activity, caller: Caller, turn: Turn) -> Json:
        """A click on Action.Execute. The answer changes the card for the one who clicked, an edit changes it everywhere."""
        action = activity.value.get("action") if isinstance(activity.value, dict) else None
        fields = action if isinstance(action, dict) else {}
        verb = fields.get("verb")
        if not caller.is_personal and verb != DIAL:
            return toast(turn.say("personal-only"))
        if is_of_call(verb):
            return await self._executed_on_call(activity, caller, turn.cards, fields)
        reply = await self._clicks.click(verb, fields.get("data"), turn)
        if reply.card is None or not self._clicks.is_acting(verb):
            return toast(reply.text)
        self._edit_later(activity, caller, reply)
        return {"statusCode": 200, "type": CARD, "value": reply.card}

    async def _executed_on_call(self, activity: Activity, caller: Caller, cards: Cards, action: Json) -> Json:
        """A click on the card of a call; other devices see what comes of it when the call itself changes."""
        reply = await self._call_clicks.click(_call_click(activity, caller, cards, action.get("data")))
        return toast(reply.text) if reply.card is None else {"statusCode": 200, "type": CARD, "value": reply.card}

    async def _submitted(self, context: TurnContext, caller: Caller, turn: Turn, value: Json) -> None:
        """A click on Action.Submit: an acting verb replaces its card, an asking one is answered below."""
        activity = context.activity
        if of_call := is_of_call(value.get("verb")):
            click = _call_click(activity, caller, turn.cards, value)
            reply = await self._call_clicks.click(click)
        else:
            reply = await self._clicks.click(value.get("verb"), value, turn)
        acting = of_call or self._clicks.is_acting(value.get("verb"))
        if reply.card is None or not activity.reply_to_id or not acting:
            await self._send(context, caller, reply)
            return
        edited = message(reply.text, reply.card)
        edited.id = activity.reply_to_id
        await context.update_activity(edited)
        await self._note_posted(activity, caller, reply, activity.reply_to_id)

    def _edit_later(self, activity: Activity, caller: Caller, reply: Reply) -> None:
        """Other devices of the person keep the old card until the message itself is edited."""
        clicked = activity.reply_to_id
        if not clicked:
            return

        async def edit() -> None:
            edited = to_json(message(reply.text, reply.card))
            try:
                await self._connector.edit(activity.service_url, activity.conversation.id, clicked, edited)
            except DeliveryFailed as error:
                _log.info("card_not_edited", status=error.status)
            await self._note_posted(activity, caller, reply, clicked)

        self._lanes.put(activity.conversation.id, edit)

    async def _welcome(self, context: TurnContext) -> None:
        caller = caller_of(context.activity)
        if not caller.person or not caller.is_personal:
            return
        await self._remember(caller.user, context.activity)
        if not await self._once.claim("welcome", self._subject(caller.user), WELCOMED_FOR):
            return
        cards = self._answers.cards(caller.locale)
        reply = Reply(cards.say("welcome-title"), cards.welcome())
        try:
            await self._send(context, caller, reply)
        except DeliveryFailed:
            await self._once.release("welcome", self._subject(caller.user))
            raise

    async def _uninstalled(self, caller: Caller) -> None:
        """Sign out and leave nothing of this person behind."""
        if not caller.person or not caller.is_personal:
            return
        await self._notices.forget(caller.user)
        await self._once.release("welcome", self._subject(caller.user))
        await self._desk.interrupted.drop(caller.user)
        await self._desk.sign_ins.sign_out(SignOut(caller.user))

    async def _remember(self, user: UserKey, activity: Activity) -> None:
        try:
            await self._conversations.remember(user, activity)
        except BridgeError:
            _log.warning("chat_not_remembered")  # notices are comfort; the answer itself needs no memory

    async def _show_typing(self, context: TurnContext) -> None:
        try:
            await context.send_activity(Outgoing(type="typing"))
        except DeliveryFailed:
            _log.info("typing_not_shown")  # if it is more than that, the answer will tell

    async def _send(self, context: TurnContext, caller: Caller, reply: Reply) -> None:
        sent = await context.send_activity(message(reply.text, reply.card))
        if sent is not None and sent.id:
            await self._note_posted(context.activity, caller, reply, sent.id)

    async def _note_posted(self, activity: Activity, caller: Caller, reply: Reply, posted: str) -> None:
        """Remember a message that is to be edited later: a request to sign in, or the card of a call."""
        address = _address(activity, caller)
        try:
            if reply.asks_sign_in:
                await self._notices.asked(caller.user, address, posted)
            elif reply.call is not None:
                await self._notices.placed(caller.user, reply.call, address, posted)
        except BridgeError:
            _log.warning("message_not_remembered")


def _address(activity: Activity, caller: Caller) -> Address:
    return Address(activity.service_url, activity.conversation.id, activity.recipient.id, caller.locale)


def _call_click(activity: Activity, caller: Caller, cards: Cards, data: object) -> Click:
    fields = data if isinstance(data, dict) else {}
    verb, message_id = str(fields.get("verb", "")), activity.reply_to_id or ""
    return Click(caller.user, cards, _address(activity, caller), message_id, verb, fields)


async def _nothing() -> None:
    return None


def _names_bot(activity: Activity, members: list[ChannelAccount] | None) -> bool:
    bot = activity.recipient.id if activity.recipient is not None else None
    return any(member.id == bot for member in members or ())
