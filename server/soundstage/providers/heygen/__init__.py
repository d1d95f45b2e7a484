"""HeyGen's voices, through the API of useapi.net."""
