"""What `ppir` can do, one file for each subject; cli.py lists them."""
