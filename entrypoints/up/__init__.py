"""What `comptoir up` is: server, API and workers as children, started, watched and stopped in order."""
