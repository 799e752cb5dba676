"""Hand-written model-zoo pages held against each other and against sense.

Pure: pages in, findings out. Rules know no names of models, devices or projects.
"""
