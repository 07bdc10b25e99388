"""The folder format of a recording (`docs/recordings.md`): reading it and writing it."""
