// Bags: see CONTRIBUTING.md
