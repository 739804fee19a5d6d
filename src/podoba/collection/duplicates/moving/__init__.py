"""Copies moved out of the way, and put back: nothing is deleted or overwritten."""
