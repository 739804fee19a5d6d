"""Several processes that train one network: who they are, what they share."""
