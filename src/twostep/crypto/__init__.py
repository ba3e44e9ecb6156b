"""Secrets: tokens, sealed boxes, the key ring, password hashes. Small modules, two libraries."""
