"""One step of each method that minimises a loss, and the penalties added to it."""

__all__: list[str] = []
