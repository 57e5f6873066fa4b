"""What only this book has: the tables of its losses and of its sources, and draws that its bindings share."""
