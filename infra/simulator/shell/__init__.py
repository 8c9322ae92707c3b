"""A Teams-like page that hosts the tab in a frame and shows the bot chat beside it; for the demo and for browser tests."""

from infra.simulator.shell.routes import Caller, ShellConfig, ShellUser, shell_routes, users_of

__all__ = ["Caller", "ShellConfig", "ShellUser", "shell_routes", "users_of"]
