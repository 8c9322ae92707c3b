"""The product as it runs in production, with a watch on its event loop that can be asked for the longest stall."""

import asyncio
import os
import resource
from dataclasses import fields, replace

import app
from bridge.logs import set_up_logs
from bridge.service.keeper import Rhythm
from bridge.settings import read_settings
from infra.bench.answering import answer_questions
from infra.bench.plan import allow_many_files
from infra.bench.watch import Watch
from tab.server import spare_the_collector

STILL = Rhythm(**{slot.name: 3600.0 for slot in fields(Rhythm)})
"""Visits to PBXs so seldom that the way of the events is measured, and nothing beside it."""


async def serve(prepared: app.Prepared) -> None:
    """Serve until the input ends."""
    async with app.Service(prepared).running(), Watch() as watch:
        spare_the_collector()

        async def look() -> dict[str, float]:
            usage = resource.getrusage(resource.RUSAGE_SELF)
            return {**watch.look(), "cpu": usage.ru_utime + usage.ru_stime}

        await answer_questions({"look": look}, ready=True)


def main() -> None:
    """Read the environment and serve."""
    allow_many_files()
    settings = read_settings(os.environ)
    set_up_logs(settings.log_level, settings.log_format)
    asyncio.run(serve(replace(app.prepare(settings), rhythm=STILL)))


if __name__ == "__main__":
    main()
