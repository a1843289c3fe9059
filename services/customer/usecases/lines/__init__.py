"""A record together with its lines: read, written in one transaction, counted before it commits.

`family` says who is a line of whom and with which rights; `save` writes a record and its lines; `totals` counts the
roll-ups that lines feed, at once, and holds the limits; `follow` lets lines go with their parent; `fill` takes values
from elsewhere (a price from a price list).
"""
