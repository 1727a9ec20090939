"""For those who wait for a change or follow the changes as they come. Reads, never writes."""
