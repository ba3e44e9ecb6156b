"""Run by Alembic inside the transaction that storage/upgrades.py has begun on its connection."""

from alembic import context

from twostep.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite changes a column by making the table anew.
    render_as_batch=True,
)
context.run_migrations()
