"""The report: counts, published figures and measured latencies of a series, joined.

``gathering`` traces and counts what a report is of and ``report`` joins it. From a report come the
``tables`` (each a list of columns, see ``tables/columns.py``), the scatter plots, ``sections`` with
their notes, the markdown ``page`` and each command's document in ``documents``. ``audited`` is what
an audit adds, ``comparable_figures`` what models may be compared by, ``conclusion`` the sentences
on which model to choose, ``layouts`` what differs between pages of one report.
"""
