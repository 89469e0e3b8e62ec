// Training: see CONTRIBUTING.md
