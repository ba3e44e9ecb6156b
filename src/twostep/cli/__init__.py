"""The command line: what an operator does. It speaks English, in whole sentences.

Exit status: 0 done; 1 it could not be done, and the line on standard error says why; 2 the command
line or a setting is wrong; 3 the database cannot be reached or is busy, so that the same may work
later; 4 `audit verify` found something. 130 it was interrupted.
"""
