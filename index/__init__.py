"""From articles to an index: read, clean, chunk, embed, store."""
