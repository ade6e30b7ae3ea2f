"""Where things come from: the official services, the registers and the archive of what they said."""
