"""A person at the Teams-like shell: what they see and click."""

from urllib.parse import urlencode

from playwright.async_api import ConsoleMessage, FrameLocator, Locator, Page, expect

from tests.harness import World

HARMLESS = ("ERR_NAME_NOT_RESOLVED", "ERR_INTERNET_DISCONNECTED", "allow-scripts and allow-same-origin", "status of 4")
"""What a closed network and refused requests leave in the console."""


class Teams:
    """The shell with its tab on one side and the chat on the other."""

    def __init__(self, page: Page, world: World) -> None:
        self.page = page
        self.world = world
        self.complaints: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(part in message.text for part in HARMLESS):
            self.complaints.append(message.text)

    async def open(self, **wishes: str) -> None:
        """Open the shell as somebody, in a language and theme."""
        wished = {"user": "anna.schmidt@sonnental.example", "locale": "en-us", "view": "both"} | wishes
        await self.page.goto(f"{self.world.url}/?{urlencode(wished)}")

    @property
    def tab(self) -> FrameLocator:
        """The product's tab."""
        return self.page.frame_locator(".tab-frame")

    @property
    def dialog(self) -> FrameLocator:
        """The page that the chat opened as a dialog."""
        return self.page.frame_locator(".dialog-frame")

    def card(self, text: str) -> Locator:
        """The newest card in the chat that holds a text."""
        return self.page.locator(".card", has_text=text).last

    async def say(self, text: str) -> None:
        """Write to the bot."""
        await self.page.locator(".composer textarea").fill(text)
        await self.page.keyboard.press("Enter")

    async def sign_in(self, where: FrameLocator | None = None, password: str = "Demo-0001!") -> None:
        """Fill the sign-in form of the tab (or of a dialog)."""
        frame = where or self.tab
        await frame.get_by_label("Login").fill("0001")
        await frame.get_by_label("Password", exact=True).fill(password)
        await frame.get_by_role("button", name="Sign in", exact=True).click()

    async def sees(self, text: str, within: float = 10) -> None:
        """Wait until the tab shows a text."""
        await expect(self.tab.get_by_text(text).first).to_be_visible(timeout=within * 1000)
