"""Four losses under the names, and with the order of arguments, of `tf.nn`."""

__all__: list[str] = []
