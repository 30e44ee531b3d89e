"""The pages that are made from the package; run by ``docs/generate.py``."""
