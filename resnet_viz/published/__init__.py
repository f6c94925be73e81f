"""Results that papers, repositories and packages have published: the only place from which the program quotes them."""
