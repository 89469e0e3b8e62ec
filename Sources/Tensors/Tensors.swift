// Tensors: see CONTRIBUTING.md
