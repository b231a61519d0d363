"""A language model behind the gate: its prompts, its reply read, each sentence anchored and checked."""
