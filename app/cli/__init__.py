"""The command line: `./alpha COMMAND`, one file a command."""
