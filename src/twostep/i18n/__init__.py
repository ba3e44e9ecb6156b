"""Every sentence that is not in a template: codes go in, words in a person's language come out."""
