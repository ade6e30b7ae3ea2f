"""What Noticeboard promises, folder by folder as the packages."""
