"""The time of one worker: its laws, what may be asked of any, and the door they enter by."""
