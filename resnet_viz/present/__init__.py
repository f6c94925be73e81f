"""Values as figures, tables and sentences. Free of torch and Streamlit."""
