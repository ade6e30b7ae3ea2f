"""What warehouse promises."""
