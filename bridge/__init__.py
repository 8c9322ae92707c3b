"""The bridge between a person in Teams and their STARFACE: model, use cases and the adapters to the outside."""
