"""Hedra: speech, voice cloning and avatar video, through its `web-app/public` API."""
