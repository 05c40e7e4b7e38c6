"""What comes out of a grading: tables, pages, statistics, likeness."""
