"""Whole journeys, in a real browser. A package, so that one browser serves its files alone."""
