"""What is peculiar to one file format or another: who opens it, how its values become RGB, what its errors mean."""
