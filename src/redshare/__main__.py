"""`python -m redshare`."""

from redshare.cli import main

main()
