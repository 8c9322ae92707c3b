"""`python -m infra.simulator.starface`: serve a simulated PBX, or control one that runs."""

import sys

from infra.simulator.starface.command_line import main

sys.exit(main())
