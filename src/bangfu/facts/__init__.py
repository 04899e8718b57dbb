"""Facts: the tables of the programme, one place for names, types, units and Chinese headers; reading and writing."""
