"""The document as last edited."""

from __future__ import annotations

from django.db import models


class DraftContent(models.Model):
    """The working content of a draft: its document in token form, zstd-compressed, always in the database."""

    draft = models.OneToOneField("Draft", on_delete=models.CASCADE, primary_key=True, related_name="content")
    sha256 = models.CharField(max_length=64, help_text="of the document's bytes")
    size = models.PositiveBigIntegerField(help_text="bytes of the document")
    data = models.BinaryField()

    def __str__(self) -> str:
        return f"content of {self.draft_id}"
