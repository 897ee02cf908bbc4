"""What readers see in a browser: today's papers, signing up and in, preferences, past digests, leaving."""
