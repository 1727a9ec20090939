"""The loop that every worker runs, whatever its step: receive, handle, acknowledge, try again, set aside."""
