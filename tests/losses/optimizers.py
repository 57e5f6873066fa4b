"""The rows of `lossbook.optimizers`."""

ROWS: list = []
