"""X_{k:m}, when the k-th of m workers is done: exact values, closed forms and limits."""
