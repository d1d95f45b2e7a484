"""`python -m soundstage` is the command `soundstage`."""

from soundstage.cli import main

main()
