"""The table of the insert floor; made by ``fill``, unknown to migrations."""

from __future__ import annotations

from django.db import models


class Row(models.Model):
    """One row of so many bytes."""

    data = models.BinaryField()

    class Meta:
        managed = False
        db_table = "bench_row"

    def __str__(self) -> str:
        return f"row {self.pk}"
