"""The fleet: many models, each in a process that may die without costing the others.

``pool.map_models`` is the one way to share work out; ``traces.traced`` traces several addresses
through it, and ``sweep`` counts a row for each of many models, with a journal to resume from.
"""
