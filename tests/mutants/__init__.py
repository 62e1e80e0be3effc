"""Small changes of the searches that lose behaviours, to see that the cross-check notices."""
