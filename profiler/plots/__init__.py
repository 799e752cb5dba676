"""Plots: a scatter or line plot as it is specified → PNG, SVG or PDF, by matplotlib.

``plots.drawing`` draws and keeps what is drawn; ``style`` holds presets and palettes, ``scales``
the one rule for axes and ``placing`` the one placer of labels.
"""
