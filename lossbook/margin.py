"""Losses that ask for a margin: right is not enough, it must be right by so much."""

__all__: list[str] = []
