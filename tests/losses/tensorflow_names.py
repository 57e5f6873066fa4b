"""The rows of `lossbook.tensorflow_names`."""

ROWS: list = []
