"""Ground: blobs, errors, identifiers, wake-ups. Knows no draft."""
