"""The only writers: one module per family of use cases, keyword-only functions."""
