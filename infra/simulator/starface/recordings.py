"""What was recorded in the mailboxes: invented messages, their sound, and the addresses under which it is handed out."""

import io
import math
import random
import secrets
import struct
import uuid
import wave
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from infra.simulator.starface.call_list import DAY
from infra.simulator.starface.clock import Clock
from infra.simulator.starface.population import Contact, Mailbox, VoicemailMessage
from infra.simulator.starface.switch_panel import SwitchPanel
from infra.simulator.starface.switches import VoicemailFile, VoicemailUrl

RATE = 8000
KEY_LIFETIME = 300.0
MOST_KEYS = 1_000
_FOLDERS = ("INBOX", "INBOX", "INBOX", "OLD", "PRIVATE")


class Recordings:
    """Keys that open recordings for a while, where the switches say that an address holds one."""

    def __init__(self, clock: Clock, panel: SwitchPanel) -> None:
        self._clock = clock
        self._panel = panel
        self._keys: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def address(self, message_id: str) -> str:
        """What `getVoicemailFileUrl` answers."""
        path = f"/voicemail/{message_id}.wav"
        if self._panel.switches.voicemail_file is VoicemailFile.KEY_IN_URL:
            path += f"?key={self._key(message_id)}"
        internal = self._panel.switches.voicemail_url is VoicemailUrl.INTERNAL_NAME
        return f"https://starface.internal:8443{path}" if internal else path

    def opens(self, message_id: str, key: str) -> bool:
        """Whether a key is good for this recording now."""
        known, until = self._keys.get(key, ("", 0.0))
        return known == message_id and self._clock.now() < until

    def invent(self, mailboxes: Iterable[Mailbox], contacts: Sequence[Contact], count: int) -> None:
        """Put messages from the last 30 days into each box, the same ones at every start."""
        for mailbox in mailboxes if contacts else ():
            chance = random.Random(f"voicemail-{mailbox.id}")
            mailbox.messages.extend(self._invented(mailbox, contacts, chance) for _ in range(count))

    def _invented(self, mailbox: Mailbox, contacts: Sequence[Contact], chance: random.Random) -> VoicemailMessage:
        caller = chance.choice(contacts)
        return VoicemailMessage(
            id=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            caller_number=chance.choice(caller.numbers),
            caller_name=f"{caller.first_name} {caller.last_name}",
            called_number=mailbox.number,
            started=self._clock.now() - chance.uniform(600, 30 * DAY),
            duration=chance.randrange(2, 40),
            folder=chance.choice(_FOLDERS),
        )

    def _key(self, message_id: str) -> str:
        key = secrets.token_urlsafe(18)
        self._keys[key] = (message_id, self._clock.now() + KEY_LIFETIME)
        while len(self._keys) > MOST_KEYS:
            self._keys.popitem(last=False)
        return key


@lru_cache(maxsize=64)
def spoken(seconds: int) -> bytes:
    """A WAV file of that length in telephone quality: two soft tones that take turns."""
    frames = (_tone(330) + _tone(440)) * max(1, min(seconds, 600))
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(frames)
    return held.getvalue()


@lru_cache(maxsize=4)
def _tone(hertz: int) -> bytes:
    """Half a second of a tone."""
    steps = range(RATE // 2)
    return b"".join(struct.pack("<h", int(6000 * math.sin(2 * math.pi * hertz * step / RATE))) for step in steps)
