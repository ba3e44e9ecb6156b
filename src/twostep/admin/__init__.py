"""What an administrator sees: one class per page, beside ``pages`` and knowing nothing of it."""
