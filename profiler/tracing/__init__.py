"""Torch: an address → a module on the meta device → a Trace."""
