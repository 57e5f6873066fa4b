"""How alike two vectors are, and the losses that bring vectors together or apart."""

__all__: list[str] = []
