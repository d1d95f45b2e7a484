"""SpeechGen: speech, and voices cloned from a sample."""
