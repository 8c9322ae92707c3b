"""The tab face as one object: interface, event stream and pages put together."""

from aiohttp import web

from bridge.service.ports import Feed, Once, Sessions
from bridge.service.use_cases import UseCases
from tab.administration import AdministrationActs
from tab.api import Api, TelephoneActs
from tab.health import Meters
from tab.history import HistoryActs
from tab.identity import TeamsTokens
from tab.keys import KeyActs
from tab.notices import NoticeActs
from tab.own_data import OwnDataActs
from tab.pages import Pages
from tab.people import PeopleActs
from tab.presence import PresenceActs
from tab.redirects import RedirectActs
from tab.stream import Streams
from tab.voicemail import VoicemailActs


class TabFace:
    """Answers the tab and everybody else who speaks ``/api/v1``."""

    def __init__(
        self,
        *,
        tokens: TeamsTokens,
        cases: UseCases,
        sessions: Sessions,
        feed: Feed,
        once: Once,
        meters: Meters,
        pages: Pages,
    ) -> None:
        acts = (
            TelephoneActs(cases.sign_ins, cases.control, cases.interrupted),
            PeopleActs(cases.colleagues, cases.people),
            HistoryActs(cases.call_list),
            RedirectActs(cases.redirects, cases.clock),
            KeyActs(cases.groups, cases.function_keys),
            VoicemailActs(cases.voicemails),
            PresenceActs(cases.presence.desk),
            NoticeActs(cases.preferences),
            OwnDataActs(cases.traces, cases.diagnostics),
            AdministrationActs(cases.tenants, cases.rules.app_id),
        )
        self._api = Api(tokens=tokens, sessions=sessions, once=once, acts=acts)
        self._streams = Streams(
            tokens=tokens,
            feed=feed,
            overview=cases.overview,
            sign_ins=cases.sign_ins,
            interrupted=cases.interrupted,
            colleagues=cases.colleagues,
            meters=meters,
        )
        self._pages = pages

    def routes(self) -> list[web.RouteDef]:
        """What the application listens to for the tab."""
        return [*self._api.routes(), *self._streams.routes(), *self._pages.routes()]

    async def close(self) -> None:
        """Tell every open stream to come again elsewhere."""
        await self._streams.close()
