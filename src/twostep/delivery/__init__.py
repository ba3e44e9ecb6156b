"""How a message leaves: by mail, as a text through a gateway or a provider.

The one layer that opens connections to others. It knows neither users nor the database: who sends
what and when is ``flows/messages.py``.
"""
