"""From matches to mail: open the digests that are due, compose, render, hand over, record."""
