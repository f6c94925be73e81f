"""Single blocks: a vocabulary of variants, each a block of a small net's plan."""
