"""The timeline document of a draft: pure functions over bytes, dicts and strings.

Nothing here knows Django, a database or a store, so all of it can be tested with properties.
"""
