"""Backup of an installation on a server, its restoration, and the drill that proves it can be restored.

A repository is a folder with two halves. `postgres/` is pgBackRest's: full and incremental backups and the archived log
of the whole cluster, so that every second between two backups can be had back. `contents/` is ours: signing keys,
attached files, settings and secrets, cut into pieces that are encrypted and kept once (see `store`). Both halves are
locked with keys derived from one *repository key*. That key is kept on the server and, sealed to the *recovery key*
whose private half is elsewhere, in the repository: whoever has the repository alone reads nothing, whoever has both
needs nothing of the lost machine.

A *seal* is a named point in the log, set at an instant at which nobody was writing, together with the number of rows
and a checksum of every table as they were at this point. The drill restores the cluster up to the newest seal into a
place of its own and counts again: equal sums show that backup, log and keys give back every row.
"""
