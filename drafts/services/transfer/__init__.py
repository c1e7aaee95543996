"""Drafts in and out as folders and ZIPs."""

from .exporting import export_folder, zip_chunks
from .importing import Imported, import_draft
from .sources import FolderSource, Source, ZipSource

__all__ = ["FolderSource", "Imported", "Source", "ZipSource", "export_folder", "import_draft", "zip_chunks"]
