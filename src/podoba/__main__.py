"""`python -m podoba` is `podoba`."""

from podoba.cli.main import run

if __name__ == "__main__":
    run()
