"""The Teams app package: template, texts, icons, and the packer that fills them from the environment (``python -m manifest``)."""
