"""Indexes that another one begins with, and that of a version's request, which its event has too.

Every save wrote them. Where Django drops the index of a foreign key on SQLite it copies the whole table: hence the SQL.
"""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

INDEXES = {
    "drafts_draftversion": "drafts_draftversion_draft_id_76920300",
    "drafts_draftfile": "drafts_draftfile_draft_id_b321177e",
}


def drop(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for index in INDEXES.values():
        editor.execute(f"DROP INDEX IF EXISTS {index}")
        editor.execute(f"DROP INDEX IF EXISTS {index}_like")  # PostgreSQL's second one, for text


def make(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for table, index in INDEXES.items():
        editor.execute(f"CREATE INDEX {index} ON {table} (draft_id)")
        if editor.connection.vendor == "postgresql":
            editor.execute(f"CREATE INDEX {index}_like ON {table} (draft_id varchar_pattern_ops)")


def unindexed(name: str) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name=name, to="drafts.draft"
    )


class Migration(migrations.Migration):
    dependencies = [("drafts", "0008_links")]
    contract = "no statement of the release before names an index"

    operations = [
        migrations.RemoveIndex(model_name="draftversion", name="version_request"),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop, make)],
            state_operations=[
                migrations.AlterField("draftversion", "draft", unindexed("versions")),
                migrations.AlterField("draftfile", "draft", unindexed("files")),
            ],
        ),
    ]
