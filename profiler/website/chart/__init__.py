"""The interactive chart of a series: its choices, its data and its Vega-Lite spec."""
