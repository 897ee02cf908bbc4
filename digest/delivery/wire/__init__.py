"""The way to a mail system: what goes on the wire, over which connection, and what becomes of it."""
