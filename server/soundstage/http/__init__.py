"""HTTP, and the only room that speaks it: the providers' APIs, and downloads from URLs of anybody's choosing."""
