"""One plain function per thing that a person does.

The pages call these in worker threads. A flow turns the expected outcomes (a wrong code, a pause)
into values and
commits; what is unexpected raises, and nothing of it is kept.
"""
