"""Row-level security and masking: which policies apply, and what they say."""
