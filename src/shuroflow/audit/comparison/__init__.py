"""What would change if …: a case judged under two sets of conditions, and the difference written out."""
