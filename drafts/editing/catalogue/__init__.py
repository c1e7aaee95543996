"""JianYing's effects, filters, transitions, animations, fonts, masks and the like, by name (contract B)."""

from .entries import Entry as Entry
from .entries import Kind as Kind
from .entries import Param as Param
from .entries import entries as entries
from .matching import closest as closest
from .matching import find as find
from .matching import search as search
