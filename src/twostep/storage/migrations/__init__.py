"""The history of the schema. A released version never changes: the next one changes the schema."""
