"""The rows of `lossbook.similarity`."""

ROWS: list = []
