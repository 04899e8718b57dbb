"""The compensation fund: its floor over the balance, and the yearly injection out of the county's revenue."""
