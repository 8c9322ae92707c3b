"""One bot turn in a process of its own, for each product that is compared; each file runs in its own virtual environment."""
