"""What counting costs beside other tools; ``make bench`` runs it."""
