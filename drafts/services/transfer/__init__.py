"""Drafts in and out as folders and ZIPs."""

from .adopting import Adopted, Outcome, adopt_draft
from .exporting import export_folder, zip_chunks
from .importing import Imported, import_draft
from .sources import FolderSource, Source, ZipSource

__all__ = [
    "Adopted",
    "FolderSource",
    "Imported",
    "Outcome",
    "Source",
    "ZipSource",
    "adopt_draft",
    "export_folder",
    "import_draft",
    "zip_chunks",
]
