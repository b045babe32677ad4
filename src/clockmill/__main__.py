"""``python -m clockmill`` is the command line."""

from clockmill.cli.main import main

main()
