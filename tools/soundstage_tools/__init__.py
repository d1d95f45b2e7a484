"""What an agent sees of Soundstage: the tools, their results and errors, and the port that they need."""
