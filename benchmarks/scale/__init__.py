"""What `make scale` measures: servers of this machine stand for many machines."""
