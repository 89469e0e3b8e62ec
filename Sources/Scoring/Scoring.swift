// Scoring: see CONTRIBUTING.md
