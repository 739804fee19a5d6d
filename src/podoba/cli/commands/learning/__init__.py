"""Commands that train and judge."""
