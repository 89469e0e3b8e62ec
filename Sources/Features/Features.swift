// Features: see CONTRIBUTING.md
