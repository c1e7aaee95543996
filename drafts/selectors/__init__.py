"""Reads, and the locked reads that writes begin with."""
