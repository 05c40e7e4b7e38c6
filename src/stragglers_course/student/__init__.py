"""The student's side: check, progress, and the file to hand in."""
