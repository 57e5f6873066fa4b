"""Losses for many classes, which look at a few of them: clusters and samples."""

__all__: list[str] = []
