"""The process as data: states, transitions, guards, permissions and a call's rules; `door.advance` alone writes a status."""
