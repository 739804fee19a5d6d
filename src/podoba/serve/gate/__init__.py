"""Who is let in, and what leaves: pure ASGI middleware, a file for each concern."""
