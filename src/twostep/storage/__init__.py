"""SQL in, core dataclasses out. Only this layer knows SQLAlchemy. Begin with database.py."""
