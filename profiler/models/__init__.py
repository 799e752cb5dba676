"""Models: what ``--model`` names, and how it becomes a module with its inputs.

``address`` and ``arguments`` read what people write, without torch; ``building.build`` makes the
module, from ``archs``, a ``builders`` file, a zoo (``zoos``) or an ``exported`` program;
``dependencies`` says which sources decided what was built, and ``state`` lends a module to the
tracer and gives it back as it was.
"""
