// Arrays: see CONTRIBUTING.md
