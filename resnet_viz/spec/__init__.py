"""What was picked: the words, the description of a net, the named nets, and their way into an address and back."""
