"""Training small nets and measuring them while they learn."""
