"""Figures, run by hand and by `make bench`: each module prints JSON lines with the ratio that matters."""
