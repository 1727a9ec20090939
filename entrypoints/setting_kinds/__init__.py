"""The kinds of setting there are: how each is read from text, and how its range is said in one phrase."""
