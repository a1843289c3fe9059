"""From columns of a sheet to fields of an object: what may be mapped, what is suggested, how cells are understood."""
