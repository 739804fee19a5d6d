"""Collections for assistants: tools of the Model Context Protocol, which only read."""
