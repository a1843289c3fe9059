"""Tables, migrations, and what this process keeps of them in memory."""
