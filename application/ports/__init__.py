"""What the application needs of the world: Protocols, and the words they are said in."""
