"""The Microsoft side: tokens of people and of the chat channel, our own tokens, and the hosts that may see them."""
