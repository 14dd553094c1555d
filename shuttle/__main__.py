"""`python -m shuttle`: the terminal."""

from shuttle.cli import main

if __name__ == "__main__":
    main()
