"""The rows of `lossbook.margin`."""

ROWS: list = []
