"""The ways in which a world's operations are carried out; an implementation detail of the package.

========  =============================================================================
live      real threads on one machine, for use without an explorer
setup     the scenario function itself: one thread after another, nothing may wait
recorder  a body that is being traced: results are registers
rerun     real bodies, interleaved as a schedule says, held against their traces
running   real bodies, one step at a time, whatever they share
idle      properties, which look at a state and touch nothing
========  =============================================================================
"""
