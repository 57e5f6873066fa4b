"""The rows of `lossbook.sequence`."""

ROWS: list = []
