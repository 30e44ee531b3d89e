"""埼玉県就労支援専門員事業実施要綱: the rulebook, its guards, and what the events of a case add up to."""
