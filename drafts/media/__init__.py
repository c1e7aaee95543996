"""Fetched and uploaded media: what they are, where they come from, their thumbnails."""
