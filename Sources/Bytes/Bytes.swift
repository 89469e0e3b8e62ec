// Bytes: see CONTRIBUTING.md
