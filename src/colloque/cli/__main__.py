"""`python -m colloque.cli`."""

from colloque.cli.main import main

main()
