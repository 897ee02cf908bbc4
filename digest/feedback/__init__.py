"""What comes back from readers: the signed links in their mail, and leaving."""
