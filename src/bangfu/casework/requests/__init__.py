"""What one person asks for and another approves, its effect shown before."""
