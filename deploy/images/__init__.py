"""Container images without a registry, a container engine or root rights: `make images`.

A recipe names Debian packages, wheels and files. They are unpacked into a tree in memory, checked and written as an
archive that `docker load`, `podman load` and every OCI tool read. Nothing is run in an image while it is made, so
nothing can depend on the machine: the same lock files give the same digest.
"""
