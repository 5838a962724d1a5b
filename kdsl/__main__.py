"""`python -m kdsl` is the program `kdsl`."""

from .cli import main

if __name__ == "__main__":
    main()
