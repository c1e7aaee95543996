"""Celery tasks: another door, which fetches nothing and calls one service.

Names are part of the wire: a rename keeps the old name for one release.
"""

from __future__ import annotations

from contextlib import suppress

from celery import shared_task

from drafts.access import idempotency
from drafts.access.caller import Caller, Door, calling
from drafts.core import chores, heartbeats, metrics, persist
from drafts.core import collect as collecting
from drafts.core.errors import Unavailable
from drafts.core.models import Chore
from drafts.core.wakeups import send
from drafts.media import thumbnails as pictures
from drafts.services import describe as describing
from drafts.services import purge as purging
from drafts.services import totals as counting

PURGE_SECONDS = 2.0  # of one message, because the same worker stores saves


@shared_task(name=persist.TASK, ignore_result=True)
def drain(limit: int = 50) -> None:
    """Persist due blobs; sent by beat every 2 s and after commits, sends itself again when it left some.

    What was committed meanwhile has a message of its own: a pass for each of them would keep a core busy.
    """
    with metrics.task(persist.TASK):
        done = persist.drain(limit=limit)
    heartbeats.beat(heartbeats.SWEEP)
    if done.more and done.stored:
        send(persist.TASK)


@shared_task(name="drafts.collect", ignore_result=True)
def collect(limit: int = 500) -> None:
    """Collect unreferenced blobs and doomed objects; sent by beat every 10 minutes, for a part of the ids each time."""
    with metrics.task("drafts.collect"):
        idempotency.sweep()
        done = collecting.collect(limit=limit, ids=collecting.turn())
        chores.record(Chore.Name.COLLECT, blobs=done.blobs, objects=done.objects)
    if done.more:
        send("drafts.collect")


@shared_task(name="drafts.totals", ignore_result=True)
def totals() -> None:
    """Count what is stored, when the last count is old; sent by beat every 5 minutes."""
    with metrics.task("drafts.totals"):
        counting.recount()


@shared_task(name=purging.TASK, ignore_result=True)
def purge() -> None:
    """Purge what was long in the trash; sent by beat every 10 minutes, sends itself again while there is more."""
    with metrics.task(purging.TASK), calling(Caller(Door.TASK, user_agent=purging.TASK)), suppress(Unavailable):
        done = purging.purge_due(seconds=PURGE_SECONDS)
        chores.record(Chore.Name.PURGE, drafts=done.drafts)
        if done.more:
            send(purging.TASK)


@shared_task(name=pictures.TASK, ignore_result=True)
def thumbnails() -> None:
    """Make one thumbnail; sent by beat every 5 s and when one is wanted, sends itself again after each."""
    with metrics.task(pictures.TASK):
        made = pictures.make_one()
    if made:
        send(pictures.TASK)


@shared_task(name="drafts.want_thumbnails", ignore_result=True)
def want_thumbnails() -> None:
    """Want the thumbnails of uploaded and imported files; sent by beat every minute."""
    pictures.want_missing()


@shared_task(name=describing.TASK, ignore_result=True)
def describe() -> None:
    """Describe edited and saved drafts; sent by beat every 2 s and after edits and saves, ends after half a second.

    It does not send itself again: so the history of an old database takes a quarter of two worker processes at most.
    """
    with metrics.task(describing.TASK):
        describing.describe()
