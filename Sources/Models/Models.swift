// Models: see CONTRIBUTING.md
