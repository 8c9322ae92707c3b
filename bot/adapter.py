"""The Bot SDK's adapter on our own sender: turns in, activities out, nothing synchronous on the loop."""

from collections.abc import Awaitable, Callable, Sequence

from botbuilder.core import BotAdapter, InvokeResponse, TurnContext
from botbuilder.schema import Activity, ActivityTypes, ConversationReference, ResourceResponse

from bot.activities import to_json
from bot.connector import Connector

Logic = Callable[[TurnContext], Awaitable[None]]
OnFailure = Callable[[TurnContext, Exception], Awaitable[None]]
_INVOKE_ANSWER = "invoke_answer"


class TeamsAdapter(BotAdapter):
    """Carries a turn's answers to the connector, except the answer to an invoke, which goes back with the HTTP response."""

    def __init__(self, connector: Connector, on_failure: OnFailure) -> None:
        super().__init__(on_turn_error=on_failure)
        self._connector = connector

    async def run(self, activity: Activity, logic: Logic) -> InvokeResponse | None:
        """Run one turn; give the answer to an invoke, ``None`` for everything else."""
        context = TurnContext(self, activity)
        await self.run_pipeline(context, logic)
        answer = context.turn_state.get(_INVOKE_ANSWER)
        return answer if isinstance(answer, InvokeResponse) else None

    async def send_activities(self, context: TurnContext, activities: Sequence[Activity]) -> list[ResourceResponse]:
        """Send in order; raises the connector's ``DeliveryFailed``."""
        return [ResourceResponse(id=await self._send(context, activity)) for activity in activities]

    async def _send(self, context: TurnContext, activity: Activity) -> str:
        if activity.type == ActivityTypes.invoke_response:
            context.turn_state[_INVOKE_ANSWER] = activity.value
            return ""
        return await self._connector.send(activity.service_url, activity.conversation.id, to_json(activity))

    async def update_activity(self, context: TurnContext, activity: Activity) -> None:  # noqa: ARG002 - the SDK's signature
        """Replace the activity with this one's id."""
        await self._connector.edit(activity.service_url, activity.conversation.id, activity.id, to_json(activity))

    async def delete_activity(self, context: TurnContext, reference: ConversationReference) -> None:  # noqa: ARG002 - as above
        """Remove the activity that the reference names."""
        await self._connector.delete(reference.service_url, reference.conversation.id, reference.activity_id)
