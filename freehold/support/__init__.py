"""One file with what support needs to know of a server, and nothing that it must not.

Three walls. What is collected is named one by one: facts about the machine, the program and its servers, numbers, and
of each log line only the fields that say where something happened, never the message. Then every value of every secret
on this server is replaced wherever it stands, in the forms in which a secret travels. Then whatever looks like an
address or a telephone number goes. At the end the file is read again: when a secret is found in it, there is no file.
"""
