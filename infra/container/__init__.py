"""How the service runs in containers: image, compose file, reverse proxy, Redis rules, and what prepares their secrets."""
