"""The pure model: standard library only, nothing awaits."""
