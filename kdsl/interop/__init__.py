"""Other libraries' ways to hold and to call things, over kdsl's: one file per library, loaded when it is asked for."""
