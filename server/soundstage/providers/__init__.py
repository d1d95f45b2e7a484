"""The providers of voices and faces, one adapter each."""
