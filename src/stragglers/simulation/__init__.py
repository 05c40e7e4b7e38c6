"""From the workers' times to the updates, event by event, and how exact the estimates are."""
