"""Documents: the answer of each command, before it is text in one of the formats."""
