"""The product: drafts, their history, their files, and the doors to them."""
