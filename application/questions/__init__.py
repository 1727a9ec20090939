"""What somebody asks to be told. Reads, never writes."""
