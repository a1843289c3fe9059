"""Tags: one list for the whole company, set on records of every object that has a field of tags.

Such a field is one of several choices whose choices are the company's tags. So tags are filtered, searched, imported,
exported, reported, kept in history and seen by rules like every other field; there is no second way.
"""
