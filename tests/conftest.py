"""What all tests share: Hypothesis without deadlines, for machines are shared and noisy."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
