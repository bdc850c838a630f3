// Loaded before the program, by NODE_OPTIONS: its clock shows a day before now.
const now = Date.now;
Date.now = () => now() - 86_400_000;
