"""The other side of the API: for programs in Python. It imports nothing of the server."""
