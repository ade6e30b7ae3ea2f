"""What transforms promise."""
