// Figures: see CONTRIBUTING.md
