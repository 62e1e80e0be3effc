"""``python -m xous_sim`` is ``xous-sim``."""

from .cli import main

if __name__ == "__main__":
    main()
