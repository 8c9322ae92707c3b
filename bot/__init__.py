"""The chat face: the only room that knows the Bot SDK."""
