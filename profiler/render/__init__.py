"""Rendering: a document, a table or the values of a template → text.

``renderers.render`` draws a document in one of four formats; ``markdown``, ``csv_table`` and
``terminal`` draw its tables, whose cells ``cells`` words in a language; ``messages`` are those
words, and ``templating`` is the one door to Jinja.
"""
