"""Tables and figures, the same for page and paper."""
