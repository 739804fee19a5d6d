"""Where images come from: folders, archives, tables and named sets."""
