"""Public notice before and after payment, without personal data; objections from anybody and their answers."""
