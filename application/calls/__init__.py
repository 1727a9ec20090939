"""Calls of existing services for a step: made, noted, and settled by a person where one is in doubt."""
