"""The guards of 対馬市生活困窮者等就労準備支援事業実施要綱, in the order of its text.

Each guard is named like its rule in ``rules.toml``, tests one thing, and returns ``None`` if it holds, the values it
saw if not, or why it does not apply (:mod:`.reasons`): a rule that an event does not reach is not said to be kept. A
guard reads the case, the event and the office, and nothing else.
"""
