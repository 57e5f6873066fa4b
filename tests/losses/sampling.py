"""The rows of `lossbook.sampling`."""

ROWS: list = []
