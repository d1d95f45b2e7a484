"""Generations: the record, its state machine, its store, and the loop that advances what is due."""
