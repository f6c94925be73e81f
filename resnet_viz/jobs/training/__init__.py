"""Training in processes of its own: a client, a daemon for each store, its workers."""
