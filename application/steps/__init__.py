"""What each worker does with an event: the steps of the saga, and those that project, notify and audit."""
