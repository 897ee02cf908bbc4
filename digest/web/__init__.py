"""What readers see in a browser: today's papers, preferences, leaving."""
