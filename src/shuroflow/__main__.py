"""``python -m shuroflow``: the command line."""

from shuroflow.cli import main

if __name__ == "__main__":
    main()
