"""Losses of sequences: token by token, or over all alignments."""

__all__: list[str] = []
