"""Statistics on a company's own data: plain functions over plain numbers, nothing of the database and no one's name."""
