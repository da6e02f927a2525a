"""What all resources have in common: their vocabulary and the rules that walk their tables."""
