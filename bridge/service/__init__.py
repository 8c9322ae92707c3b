"""The use cases: they apply commands and events to the model through ports and know no library of the outside."""
