"""Tables: each builder a list of columns, declared as key, hint and the cell of a row."""
