"""対馬市生活困窮者等就労準備支援事業実施要綱: the rulebook, its guards, and what the events of a case add up to."""
