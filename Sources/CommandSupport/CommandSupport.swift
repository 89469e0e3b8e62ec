// CommandSupport: see CONTRIBUTING.md
