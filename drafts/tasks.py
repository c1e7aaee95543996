"""Celery tasks: another door, which fetches nothing and calls one service.

Names are part of the wire: a rename keeps the old name for one release.
"""

from __future__ import annotations

from celery import shared_task

from drafts.core import collect as collecting
from drafts.core import persist
from drafts.core.wakeups import send


@shared_task(name="drafts.drain", ignore_result=True)
def drain(limit: int = 50) -> None:
    """Persist due blobs; sent by beat every 2 s and after commits, sends itself again while rows are due."""
    done = persist.drain(limit=limit)
    if done.more and done.stored:
        send("drafts.drain")


@shared_task(name="drafts.collect", ignore_result=True)
def collect(limit: int = 500) -> None:
    """Collect unreferenced blobs and doomed objects; sent by beat every 10 minutes."""
    if collecting.collect(limit=limit).more:
        send("drafts.collect")
