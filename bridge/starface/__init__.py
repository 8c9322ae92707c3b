"""The STARFACE client: it knows the PBX's protocols and nothing of Teams, Redis or SQL."""
