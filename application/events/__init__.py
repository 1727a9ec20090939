"""An event as the store keeps it: its stream, id and envelope; and what a checkout's events come to."""
