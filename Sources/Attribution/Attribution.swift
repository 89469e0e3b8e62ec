// Attribution: see CONTRIBUTING.md
