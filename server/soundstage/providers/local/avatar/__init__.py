"""A portrait that speaks: lip-sync animation of a picture, rendered on the CPU."""
