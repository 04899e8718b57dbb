"""The vault: ID numbers, phones and accounts, encrypted, bound to their row, looked up blindly, shown masked."""
