"""The HTTP doors: the capcut-mate surface, the resource API, file delivery, and what operators ask."""
