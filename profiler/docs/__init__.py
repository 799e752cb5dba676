"""Markdown that people own: regions in it that are filled and checked, and a lint of its figures.

Doors: ``regions`` finds regions in a page and ``renewal`` works out what they should hold;
``kinds`` lists what a region can show; ``lint`` is a room of its own.
"""
