"""Real jobs: measured times of steps, as laws."""
