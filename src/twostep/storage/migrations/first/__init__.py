"""What versions/0001_first.py makes."""
