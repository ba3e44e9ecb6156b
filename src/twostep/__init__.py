"""Twostep: a self-hosted sign-in service that gives any web application 2-step verification.

Where to start reading: ``core/sign_in.py`` holds the decision that everything else serves.
"""

__version__ = "0.1.0"
