"""Figures of hand-written pages held against each other and against sense.

Doors: ``reading`` makes pages of markdown, ``config`` says which rules run, ``linting`` runs them,
``baseline`` knows old findings and ``report`` shows the new ones in every format. Pure: pages in,
findings out. Rules know no names of models, devices or projects.
"""
