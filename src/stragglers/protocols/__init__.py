"""The protocols of distributed SGD: who waits for whom, and how long an update takes."""
