"""Ask the process in this container whether it lives (``/healthz``); exit 0 or 1. Standard library only."""

import http.client
import os
import sys


def is_alive(port: int, seconds: float = 2.0) -> bool:
    """Tell whether a service answers 200 to ``/healthz`` on this port of the loopback address within ``seconds``."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if is_alive(int(os.environ.get("PORT") or "3978")) else 1)
