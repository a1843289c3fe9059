"""What an installation on servers needs before its first role starts: secrets, databases, an administrator.

Everything here may be repeated: what exists stays as it is. Compose, Helm and Ansible call the same commands.
"""
