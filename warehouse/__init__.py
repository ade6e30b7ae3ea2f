"""What is kept, and what is handed out."""
