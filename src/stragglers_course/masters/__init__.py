"""From a master notebook to what others get: a release, practice, exports."""
