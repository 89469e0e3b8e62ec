// Evaluation: see CONTRIBUTING.md
