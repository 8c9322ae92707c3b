"""Who wrote, in which language they want the answer, and what their clock shows."""

from dataclasses import replace
from datetime import UTC

from botbuilder.schema import Activity

from bot.answers import Answers, Turn
from bot.caller import Caller, caller_of
from bot.languages import Languages
from bot.zones import Zones
from bridge.service.ports import Clock


class Turns:
    """Makes a turn of an activity."""

    def __init__(self, answers: Answers, languages: Languages, zones: Zones, clock: Clock) -> None:
        self._answers = answers
        self._languages = languages
        self._zones = zones
        self._clock = clock

    async def of(self, activity: Activity) -> tuple[Caller, Turn]:
        """Give sender and turn; the activity then says the language the person chose, if they chose one.

        Raises:
            TenantUnknown, BadRequest: as :func:`bot.caller.caller_of`.
        """
        caller = caller_of(activity)
        activity.locale = await self._languages.of(caller.user, caller.locale)
        here = await self._zones.local(self._clock.now(), activity.local_timezone or "")
        turn = Turn(caller.user, self._answers.cards(activity.locale), here.tzinfo or UTC)
        return replace(caller, locale=activity.locale), turn
