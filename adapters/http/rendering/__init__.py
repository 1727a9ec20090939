"""Answers of the use cases as they go over the wire."""
