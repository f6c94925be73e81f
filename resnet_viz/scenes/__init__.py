"""Scenes of a lecture: files that lead a class, and the rooms in which it votes and trains. No Streamlit, no torch."""
