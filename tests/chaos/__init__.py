"""`make chaos`: real processes under load and in trouble, and afterwards a verdict."""
