"""A student's code apart: the walls around it, and the process in which it runs."""
