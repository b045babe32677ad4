"""The spellings of the API: what is read from and written to the wire, and nowhere else."""
