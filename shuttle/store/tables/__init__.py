"""Tables, a module per subject. Each imports only the tables that its foreign keys refer to."""
