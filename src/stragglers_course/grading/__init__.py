"""From a folder of submissions to one graded person each."""
