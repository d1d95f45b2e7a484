"""Neural speech on the CPU: text to audio with exact word and phoneme timings."""
