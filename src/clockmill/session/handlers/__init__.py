"""How each kind of statement is carried out, a subject a module."""
