// Records: see CONTRIBUTING.md
