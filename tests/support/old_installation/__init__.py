"""An installation as the version before left it, and how it was made; see `make.py` and `restore.py`."""
