"""Whole journeys, in a real browser. A package, so that one browser serves all files of it and no other."""
