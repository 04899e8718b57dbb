"""The one Django app: a folder a concept, each with ``models.py`` and ``api.py``."""
