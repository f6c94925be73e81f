"""What a plan costs and sees."""
