"""What a person sees. Each page is thin: it reads the request, calls one flow, and shows what came
of it.
"""
