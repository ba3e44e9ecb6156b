"""The rules. Pure: facts and the time go in, answers come out. Read ``sign_in.py`` first."""
