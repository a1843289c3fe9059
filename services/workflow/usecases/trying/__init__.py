"""Dry runs: a rule, saved or not, over real changes of the last days, without any effect.

The changes come from the customer service's history, each with the record as it stood then. They are judged by the very
code that judges events (`judging`), together with the other active rules of the object, and planned by the very code
that plans their effects (`acting`); what was planned is noted instead of written. Related records, the other rules, the
directory and whose turn it is are those of today.
"""
