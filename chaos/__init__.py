"""Servers that are killed, frozen, cut off and restarted under load, and what must hold nevertheless."""
