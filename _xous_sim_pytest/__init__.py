"""What pytest loads at its start: hooks that cost nothing until a test is marked.

A package of its own, because importing a module of ``xous_sim`` imports all of it, in every run of pytest on a machine
where it is installed (Hypothesis does the same with its plugin). What the hooks do is in :mod:`xous_sim._testing`.
"""
