"""Integration and Beta functions that keep their digits; numpy and scipy only."""
